package dev.lanewise.trainer.run.metrics;

import dev.lanewise.trainer.files.DurableFiles;
import dev.lanewise.trainer.run.metrics.MetricsHistory.Point;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The file report.html of a run: its settings in a few words and its loss curves, in one page that
 * needs nothing else, neither scripts nor fonts nor a network.
 */
public final class LossReport {

  private static final String STYLE =
      """
      :root { color-scheme: light dark; --train: #3b6fb6; --valid: #d1495b; --rate: #5a8f4d;
              --grid: #8884; --text: #333; }
      @media (prefers-color-scheme: dark) {
        :root { --train: #7aa9e8; --valid: #f0808e; --rate: #93c783; --text: #ddd; } }
      body { font: 16px/1.5 system-ui, sans-serif; color: var(--text); max-width: 60rem;
             margin: 2rem auto; padding: 0 1rem; }
      h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
      table { border-collapse: collapse; } td { padding: 0 1.5rem 0 0; vertical-align: top; }
      svg { width: 100%; height: auto; } svg text { fill: var(--text); font-size: 13px; }
      .grid { stroke: var(--grid); } polyline { fill: none; stroke-width: 1.6; }
      .train { stroke: var(--train); } .valid { stroke: var(--valid); } .rate { stroke: var(--rate); }
      circle.valid { fill: var(--valid); }
      """;

  private LossReport() {}

  /**
   * Writes the report.
   *
   * @param metrics the run's metrics.jsonl
   * @param facts what to say about the run, in order
   */
  public static void write(Path report, Path metrics, String title, Map<String, String> facts)
      throws IOException {
    String html = render(MetricsHistory.read(metrics), title, facts);
    DurableFiles.replace(report, html);
  }

  private static String render(MetricsHistory history, String title, Map<String, String> facts) {
    StringBuilder html = new StringBuilder();
    html.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>")
        .append(escape(title))
        .append("</title>\n<style>\n")
        .append(STYLE)
        .append("</style>\n</head>\n<body>\n<h1>")
        .append(escape(title))
        .append("</h1>\n<table>\n");
    facts.forEach(
        (name, value) ->
            html.append("<tr><td>")
                .append(escape(name))
                .append("</td><td>")
                .append(escape(value))
                .append("</td></tr>\n"));
    html.append("</table>\n<h2>Loss, nats per token</h2>\n");
    html.append(
        new Chart(720, 360)
            .line("training", "train", history.trainingLoss(), false)
            .line("validation", "valid", history.validationLoss(), true)
            .toSvg());
    appendEvaluations(html, history.validationLoss());
    html.append("<h2>Learning rate</h2>\n");
    html.append(
        new Chart(720, 200).line("learning rate", "rate", history.learningRate(), false).toSvg());
    return html.append("</body>\n</html>\n").toString();
  }

  private static void appendEvaluations(StringBuilder html, List<Point> evaluations) {
    evaluations.stream()
        .min((a, b) -> Double.compare(a.value(), b.value()))
        .ifPresent(
            best ->
                html.append(
                    String.format(
                        Locale.ROOT,
                        "<p>Best validation loss %.4f (perplexity %.2f) after %.0f steps.</p>%n",
                        best.value(),
                        Math.exp(best.value()),
                        best.step())));
  }

  static String escape(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
