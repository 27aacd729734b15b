package dev.lanewise.trainer.profile;

import dev.lanewise.trainer.files.DurableFiles;
import dev.lanewise.trainer.files.StorageProblem;
import dev.lanewise.trainer.profile.Profile.Row;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * A profile as one HTML page that needs nothing else, neither scripts nor fonts nor a network: a
 * flame graph of the step, and a bar for each kernel and layer.
 */
public final class ProfilePage {

  private static final String BEGIN =
      """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="generator" content="lanewise profile">
      """;

  /** Kernels beyond this number have one colour. */
  private static final int COLOURS = 9;

  private static final String STYLE =
      """
      :root { color-scheme: light dark; --text: #222; --page: #fff; --faint: #8882; --line: #8884;
              --ink: #111; --c0: #8fb4e3; --c1: #f0a58f; --c2: #a5d196; --c3: #d7b2e5; --c4: #f2cf7c;
              --c5: #8fd3cf; --c6: #e8a3bd; --c7: #c3c98a; --c8: #bfae9d; --c9: #c4c4c4; }
      @media (prefers-color-scheme: dark) {
        :root { --text: #ddd; --page: #16181c; --ink: #f4f4f4; --c0: #2f5d99; --c1: #9c4a33;
                --c2: #3f7a35; --c3: #75498a; --c4: #866513; --c5: #1f736f; --c6: #8f3f5f;
                --c7: #656b22; --c8: #68543f; --c9: #555; } }
      body { font: 15px/1.5 system-ui, sans-serif; color: var(--text); background: var(--page);
             max-width: 75rem; margin: 2rem auto; padding: 0 1rem; }
      h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
      .wide { overflow-x: auto; }
      table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
      th, td { text-align: right; padding: .1rem .6rem; white-space: nowrap; }
      th { border-bottom: 1px solid var(--line); font-weight: 600; }
      th.name, td.name { text-align: left; padding-left: 0; }
      td.bar { width: 40%; min-width: 8rem; padding: 0 .6rem; }
      td.bar div { height: 1rem; min-width: 1px; }
      td.bar span { display: block; height: 100%; margin-left: auto; background: var(--page);
                    opacity: .6; }
      tr.total td { border-top: 1px solid var(--line); }
      svg { width: 100%; min-width: 40rem; height: auto; }
      svg text { font-size: 12px; fill: var(--ink); pointer-events: none; }
      .group rect { fill: var(--faint); }
      g:hover rect { stroke: var(--text); }
      p.note { color: color-mix(in srgb, var(--text) 70%, var(--page)); margin: .2rem 0; }
      """;

  private final Profile profile;
  private final List<String> kernels;
  private final StringBuilder html = new StringBuilder();

  private ProfilePage(Profile profile) {
    this.profile = profile;
    this.kernels =
        profile.byKernel().stream().map(Row::kernel).filter(kernel -> !kernel.isEmpty()).toList();
  }

  /**
   * Writes the page, in place of an earlier one.
   *
   * @param title what was recorded
   * @param option with which the user says where
   * @throws IOException if there is something else in its place
   */
  public static void write(Path page, String title, Profile profile, String option)
      throws IOException {
    requireReplaceable(page);
    try {
      DurableFiles.replace(page, new ProfilePage(profile).render(title));
    } catch (IOException e) {
      throw StorageProblem.explain(page, e, option);
    }
  }

  /** A slip in a name must not cost a model. */
  private static void requireReplaceable(Path page) throws IOException {
    if (!Files.exists(page)) {
      return;
    }
    byte[] begin = BEGIN.getBytes(StandardCharsets.UTF_8);
    boolean ours = false;
    if (Files.isRegularFile(page)) {
      try (var there = Files.newInputStream(page)) {
        ours = Arrays.equals(there.readNBytes(begin.length), begin);
      }
    }
    if (!ours) {
      throw new IOException(
          page
              + ": there is something else than a profile, which is not replaced; name another file with --html");
    }
  }

  private String render(String title) {
    html.append(BEGIN)
        .append("<title>")
        .append(escape(title))
        .append("</title>\n<style>\n")
        .append(STYLE);
    for (int i = 0; i <= COLOURS; i++) {
      html.append(
          ".k%1$d rect { fill: var(--c%1$d); } .k%1$d div { background: var(--c%1$d); }%n"
              .formatted(i));
    }
    html.append("</style>\n</head>\n<body>\n<h1>").append(escape(title)).append("</h1>\n");
    paragraphs("", ProfileText.facts(profile));
    html.append("<h2>The step</h2>\n<div class=\"wide\">\n")
        .append(FlameGraph.of(profile, this::colour))
        .append("</div>\n");
    paragraphs(
        " class=\"note\"",
        List.of(
            "As wide as its time, in the order in which it came; the pointer shows the figures of a cell."));
    paragraphs(" class=\"note\"", List.of("The pale end of a bar below is waiting at barriers."));
    table("Kernels", "kernel", profile.byKernel());
    table("Layers, those of all blocks together", "layer", profile.byKindOfLayer());
    table("Each layer", "layer", profile.byLayer());
    paragraphs(" class=\"note\"", ProfileText.notes(true));
    return html.append("</body>\n</html>\n").toString();
  }

  private void paragraphs(String attribute, List<String> texts) {
    texts.forEach(
        text ->
            html.append("<p").append(attribute).append('>').append(escape(text)).append("</p>\n"));
  }

  private void table(String heading, String first, List<Row> rows) {
    html.append("<h2>").append(heading).append("</h2>\n<div class=\"wide\">\n<table>\n<tr>");
    html.append("<th class=\"name\">").append(first).append("</th><th></th>");
    for (String column : List.of("share", "ms/step", "GFLOP/s", "GB/s", "of peak", "waiting")) {
      html.append("<th>").append(column).append("</th>");
    }
    html.append("</tr>\n");
    double longest = rows.isEmpty() ? 1 : Math.max(1e-9, profile.share(rows.getFirst()));
    for (Row row : rows) {
      if (row.nanoseconds() > 0) {
        row(colour(row), row, profile.share(row) / longest);
      }
    }
    row("total", profile.total(), 0);
    html.append("</table>\n</div>\n");
  }

  private void row(String style, Row row, double bar) {
    String name = row.direction().isEmpty() ? row.name() : row.name() + " " + row.direction();
    double peak = profile.peakFraction(row);
    html.append("<tr class=\"").append(style).append("\"><td class=\"name\">").append(escape(name));
    html.append("</td><td class=\"bar\">");
    if (bar > 0) {
      html.append(
          String.format(
              Locale.ROOT,
              "<div style=\"width:%.2f%%\"><span style=\"width:%.1f%%\"></span></div>",
              100 * bar,
              100 * row.waitingShare()));
    }
    html.append("</td>");
    for (String number :
        List.of(
            ProfileText.percent(profile.share(row)),
            String.format(Locale.ROOT, "%.3f", profile.milliseconds(row)),
            ProfileText.rate(profile.gigaflops(row)),
            ProfileText.rate(profile.gigabytes(row)),
            peak > 0 ? ProfileText.percent(peak) : "",
            row.waited() > 0 ? ProfileText.percent(row.waitingShare()) : "")) {
      html.append("<td>").append(number).append("</td>");
    }
    html.append("</tr>\n");
  }

  /** One colour for each kernel wherever it is, grey for what is none. */
  private String colour(Row row) {
    int index = kernels.indexOf(row.kernel());
    return "k" + (index < 0 ? COLOURS : Math.min(index, COLOURS));
  }

  static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
