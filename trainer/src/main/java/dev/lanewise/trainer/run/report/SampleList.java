package dev.lanewise.trainer.run.report;

import dev.lanewise.trainer.run.metrics.MetricsHistory;
import dev.lanewise.trainer.run.metrics.MetricsHistory.Sample;
import dev.lanewise.trainer.run.page.Figures;
import dev.lanewise.trainer.run.page.Html;
import java.util.List;
import java.util.Locale;

/** What the model wrote along the way, the latest first. */
final class SampleList {

  private static final int LONGEST_PROMPT = 1000;
  private static final int LONGEST_TEXT = 2000;
  private static final int OPEN = 3;

  private SampleList() {}

  static String html(MetricsHistory history) {
    List<Sample> samples = history.samples().reversed();
    if (samples.isEmpty()) {
      return "<p>There are none yet.</p>\n";
    }
    StringBuilder html = new StringBuilder();
    if (samples.size() < history.sampleCount()) {
      html.append(
          "<p>%s of %s; metrics.jsonl has all of them.</p>\n"
              .formatted(Figures.whole(samples.size()), Figures.whole(history.sampleCount())));
    }
    for (int i = 0; i < samples.size(); i++) {
      append(html, samples.get(i), i < OPEN);
    }
    return html.toString();
  }

  private static void append(StringBuilder html, Sample sample, boolean open) {
    html.append(open ? "<details open>" : "<details>")
        .append("<summary>after ")
        .append(Figures.steps(sample.completedSteps()));
    if (Double.isFinite(sample.validationLoss())) {
      html.append(
          String.format(
              Locale.ROOT, " <small>validation loss %.4f</small>", sample.validationLoss()));
    }
    // A line feed right behind the tag of a "pre" would be dropped; behind a "span" it is not.
    html.append("</summary>\n<pre><span class=\"prompt\">")
        .append(Html.escape(sample.prompt(), LONGEST_PROMPT))
        .append("</span>")
        .append(Html.escape(sample.text(), LONGEST_TEXT))
        .append("</pre></details>\n");
  }
}
