package dev.lanewise.bench.peers;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.CategorySeries;
import org.knowm.xchart.CategorySeries.CategorySeriesRenderStyle;
import org.knowm.xchart.style.Styler.LegendLayout;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** The two plots of docs/perf/README.md. */
final class Plots {

  private static final int WIDTH = 1100;
  private static final int HEIGHT = 560;
  private static final int DPI = 110;
  private static final int LABEL_SIZE = 11;
  private static final double BAR_SHARE = 0.6;
  private static final double HEADROOM = 1.05;
  private static final Color OURS = new Color(0xC0392B);
  private static final Color OURS_TOO = new Color(0xE59866);
  private static final Color THEIRS = new Color(0x2E86C1);
  private static final Color THEIRS_TOO = new Color(0x7FB3D5);
  private static final Color PEAK = new Color(0x444444);

  private static final BasicStroke DASHED =
      new BasicStroke(1.5f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_MITER, 1, new float[] {6, 4}, 0);

  private Plots() {}

  /** GFLOP/s of each product, with the peak as a line. */
  static void matmul(MatmulTable table, int threads, double peak, Path file) throws IOException {
    List<MatmulTable.Row> rows = table.rowsOf(threads);
    List<String> names = rows.stream().map(MatmulTable.Row::name).toList();
    CategoryChart chart =
        chart("Matrix products of the presets, " + threads + " threads", "GFLOP/s");
    chart.getStyler().setXAxisLabelRotation(60);
    chart.getStyler().setOverlapped(true);
    chart.getStyler().setYAxisMax(peak * HEADROOM);
    chart.getStyler().setDefaultSeriesRenderStyle(CategorySeriesRenderStyle.Line);
    CategorySeries peakLine =
        line(
            chart,
            "peak of fused multiply-adds",
            names,
            Collections.nCopies(names.size(), peak),
            PEAK);
    peakLine.setMarker(SeriesMarkers.NONE);
    peakLine.setLineStyle(DASHED);
    line(chart, "Lanewise, weights packed before", names, medians(rows, "prepacked"), OURS_TOO);
    line(chart, "Lanewise", names, medians(rows, "lanewise"), OURS);
    if (rows.getFirst().gigaflops().containsKey("openblas")) {
      line(chart, "OpenBLAS", names, medians(rows, "openblas"), THEIRS);
    }
    if (rows.getFirst().gigaflops().containsKey("mkl")) {
      line(chart, "MKL", names, medians(rows, "mkl"), THEIRS_TOO);
    }
    save(chart, file);
  }

  private static List<Double> medians(List<MatmulTable.Row> rows, String variant) {
    return rows.stream().map(row -> row.gigaflops().get(variant).median()).toList();
  }

  /** Tokens per second are as many times PyTorch's as the bars say. */
  static void step(StepTable table, Path file) throws IOException {
    List<String> presets = table.rows().stream().map(StepTable.Row::preset).toList();
    List<Double> ones = Collections.nCopies(presets.size(), 1.0);
    List<Double> ratios = new ArrayList<>();
    List<Double> spreads = new ArrayList<>();
    for (StepTable.Row row : table.rows()) {
      ratios.add(row.ratio().median());
      spreads.add((row.ratio().greatest() - row.ratio().least()) / 2);
    }
    CategoryChart chart =
        chart(
            "Speed of a training step, " + table.rows().getFirst().threads() + " threads",
            "times the speed of PyTorch");
    chart.addSeries("PyTorch", presets, ones).setFillColor(THEIRS);
    chart.addSeries("Lanewise", presets, ratios, spreads).setFillColor(OURS);
    save(chart, file);
  }

  private static CategoryChart chart(String title, String yTitle) {
    CategoryChart chart =
        new CategoryChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title(title)
            .yAxisTitle(yTitle)
            .build();
    chart.getStyler().setLegendPosition(LegendPosition.OutsideS);
    chart.getStyler().setLegendLayout(LegendLayout.Horizontal);
    chart.getStyler().setPlotContentSize(1);
    chart.getStyler().setAvailableSpaceFill(BAR_SHARE);
    chart.getStyler().setAxisTickLabelsFont(new Font(Font.SANS_SERIF, Font.PLAIN, LABEL_SIZE));
    chart.getStyler().setYAxisMin(0.0);
    chart.getStyler().setChartBackgroundColor(Color.WHITE);
    return chart;
  }

  private static CategorySeries line(
      CategoryChart chart, String name, List<String> x, List<Double> y, Color color) {
    CategorySeries series = chart.addSeries(name, x, y);
    series.setLineColor(color);
    series.setMarkerColor(color);
    series.setMarker(SeriesMarkers.CIRCLE);
    return series;
  }

  private static void save(CategoryChart chart, Path file) throws IOException {
    BitmapEncoder.saveBitmapWithDPI(chart, file.toString(), BitmapFormat.PNG, DPI);
  }
}
