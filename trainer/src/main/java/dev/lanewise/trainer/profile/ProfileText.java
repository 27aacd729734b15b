package dev.lanewise.trainer.profile;

import dev.lanewise.model.io.Counted;
import dev.lanewise.trainer.profile.Profile.Machine;
import dev.lanewise.trainer.profile.Profile.Outside;
import dev.lanewise.trainer.profile.Profile.Row;
import dev.lanewise.trainer.profile.Profile.Steps;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A profile as text: a few lines of facts, the table of layers, and that of kernels. */
public final class ProfileText {

  private static final String NUMBERS = " %8s %10s %9s %8s %8s %8s";

  private final Profile profile;
  private final boolean eachLayer;

  private ProfileText(Profile profile, boolean eachLayer) {
    this.profile = profile;
    this.eachLayer = eachLayer;
  }

  /**
   * Writes a profile.
   *
   * @param eachLayer whether to list every layer by itself, and not like layers of all blocks as
   *     one
   */
  public static String of(Profile profile, boolean eachLayer) {
    return new ProfileText(profile, eachLayer).text();
  }

  private String text() {
    List<Row> layers = eachLayer ? profile.byLayer() : profile.byKindOfLayer();
    StringBuilder text = new StringBuilder();
    facts(profile).forEach(fact -> text.append(fact).append(System.lineSeparator()));
    text.append(System.lineSeparator());
    appendTable(text, "layer", layers);
    text.append(System.lineSeparator());
    appendTable(text, "kernel", profile.byKernel());
    text.append(System.lineSeparator());
    notes(eachLayer).forEach(note -> text.append(note).append(System.lineSeparator()));
    return text.toString();
  }

  /** What is to be known before the tables are read. */
  static List<String> facts(Profile profile) {
    List<String> facts = new ArrayList<>();
    facts.add(steps(profile.steps()));
    facts.add(machine(profile.machine()));
    Row total = profile.total();
    String ofPeak =
        profile.peakFraction(total) > 0
            ? " (%s of the peak)".formatted(percent(profile.peakFraction(total)))
            : "";
    facts.add(
        String.format(
            Locale.ROOT,
            "A step takes %.3f ms: %,.0f tokens/s, %.1f GFLOP/s%s; %s of the time of threads is waiting at barriers",
            profile.steps().milliseconds(),
            profile.tokensPerSecond(),
            profile.gigaflops(total),
            ofPeak,
            percent(total.waitingShare())));
    Outside outside = profile.outside();
    if (outside.evaluations() > 0 || outside.checkpoints() > 0) {
      facts.add(
          String.format(
              Locale.ROOT,
              "Beside steps: evaluations (%d) took %.0f ms; checkpoints (%d) were written in %.0f ms, while training went on",
              outside.evaluations(),
              outside.evaluationMilliseconds(),
              outside.checkpoints(),
              outside.checkpointMilliseconds()));
    }
    profile.warnings().forEach(warning -> facts.add("WARNING: " + warning));
    return facts;
  }

  private static String steps(Steps steps) {
    String leftOut =
        steps.leftOut() == 0
            ? ""
            : "; the %d before them are left out (--skip)".formatted(steps.leftOut());
    return "Steps %d to %d, %d of them%s"
        .formatted(steps.first(), steps.last(), steps.count(), leftOut);
  }

  private static String machine(Machine machine) {
    StringBuilder text = new StringBuilder("On " + Counted.of(machine.threads(), "thread"));
    if (machine.kernels() != null) {
      text.append(", ").append(machine.kernels()).append(" kernels");
    }
    if (machine.peakGigaflops() > 0) {
      text.append(String.format(Locale.ROOT, ", peak %.1f GFLOP/s", machine.peakGigaflops()));
    }
    return text + (machine.processor() == null ? "" : ", " + machine.processor());
  }

  /** What the columns mean. */
  static List<String> notes(boolean eachLayer) {
    List<String> notes = new ArrayList<>();
    notes.add(
        "Times are those of all threads divided by their number, so that they add up to the step.");
    notes.add(
        "GFLOP/s counts matrix products; GB/s what other operations read and write, caches included.");
    notes.add("Both are of all threads, and the time in which they wait counts.");
    if (!eachLayer) {
      notes.add("layers.* is a layer of all blocks; --each-layer lists them by themselves.");
    }
    return notes;
  }

  private void appendTable(StringBuilder text, String name, List<Row> rows) {
    boolean layers = name.equals("layer");
    int wide = name.length();
    int directionWide = "direction".length();
    int kernelWide = "kernel".length();
    for (Row row : rows) {
      wide = Math.max(wide, row.name().length());
      directionWide = Math.max(directionWide, row.direction().length());
      kernelWide = Math.max(kernelWide, row.kernel().length());
    }
    String labels =
        layers
            ? "%-" + wide + "s  %-" + directionWide + "s  %-" + kernelWide + "s"
            : "%-" + wide + "s";
    line(
        text,
        labels.formatted(name, "direction", "kernel")
            + NUMBERS.formatted("share", "ms/step", "GFLOP/s", "GB/s", "of peak", "waiting"));
    for (Row row : rows) {
      if (row.nanoseconds() > 0) {
        line(text, labels.formatted(row.name(), row.direction(), row.kernel()) + numbers(row));
      }
    }
    line(text, labels.formatted("step", "", "") + numbers(profile.total()));
  }

  private static void line(StringBuilder text, String line) {
    text.append(line.stripTrailing()).append(System.lineSeparator());
  }

  private String numbers(Row row) {
    double peak = profile.peakFraction(row);
    return NUMBERS.formatted(
        percent(profile.share(row)),
        String.format(Locale.ROOT, "%.3f", profile.milliseconds(row)),
        rate(profile.gigaflops(row)),
        rate(profile.gigabytes(row)),
        peak > 0 ? percent(peak) : "",
        row.waited() > 0 ? percent(row.waitingShare()) : "");
  }

  static String rate(double billions) {
    return billions > 0 ? String.format(Locale.ROOT, "%.1f", billions) : "";
  }

  static String percent(double fraction) {
    return String.format(Locale.ROOT, "%.1f %%", 100 * fraction);
  }
}
