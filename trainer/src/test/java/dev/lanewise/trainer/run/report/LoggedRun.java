package dev.lanewise.trainer.run.report;

import dev.lanewise.trainer.run.metrics.MemoryUse;
import dev.lanewise.trainer.run.metrics.MetricsLog;
import dev.lanewise.trainer.run.metrics.StepMetrics;
import dev.lanewise.trainer.settings.ConfigKey;
import dev.lanewise.trainer.settings.ConfigLayer;
import dev.lanewise.trainer.settings.Preset;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.SplittableRandom;

/** A run that took no time, and its report. It has a spike at each thousandth step from 500 on. */
record LoggedRun(Path folder) {

  /** What a browser would run, load or take for its own if it were not escaped. */
  static final String HOSTILE =
      "</script><script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\">"
          + "</pre><style>body{display:none}</style>&amp;\u0000{{title}}\n";

  private static final long SHARED_SEED = 3;

  /**
   * Writes a log and the report of it, with an evaluation and a sample at each twentieth.
   *
   * @param sample what each sample is
   */
  String report(int steps, String sample) throws IOException {
    return report(steps, sample, ConfigLayer.empty());
  }

  /** As {@link #report(int, String)}, of a run with more settings. */
  String report(int steps, String sample, ConfigLayer more) throws IOException {
    Path report = folder.resolve("report.html");
    SplittableRandom random = new SplittableRandom(SHARED_SEED);
    int every = Math.max(1, steps / 20);
    try (MetricsLog log = MetricsLog.open(folder.resolve("metrics.jsonl"), 0, w -> {})) {
      for (int step = 0; step < steps; step++) {
        if (step == 700) {
          log.skipped(step, "the loss is not finite");
        } else {
          log.step(step(step, steps, random), 300, memory(step, random));
        }
        if ((step + 1) % every == 0) {
          log.evaluation(step + 1, 3 + 2.0 * (steps - step) / steps);
          log.sample(step + 1, "Once\n", sample);
        }
      }
      RunReport.write(report, log.history(), subject(steps, more), Instant.EPOCH);
    }
    return Files.readString(report);
  }

  private static StepMetrics step(int step, int steps, SplittableRandom random) {
    double loss = 3 + 7 * Math.exp(-20.0 * step / steps) + random.nextDouble(-0.1, 0.1);
    boolean spike = step % 1000 == 500;
    return new StepMetrics(
        step,
        spike ? loss + 40 : loss,
        3e-4 * (steps - step) / steps,
        spike ? 200 : random.nextDouble(0.4, 0.9),
        random.nextDouble(290, 330),
        4096,
        40_000_000_000L);
  }

  private static MemoryUse memory(int step, SplittableRandom random) {
    return step % 3 == 0
        ? new MemoryUse(random.nextDouble(3e8, 9e8), 1.9e9 + step)
        : MemoryUse.UNKNOWN;
  }

  private static RunReport.Subject subject(int steps, ConfigLayer more) {
    return new RunReport.Subject(
        "a run " + HOSTILE,
        Map.of("text", HOSTILE),
        more.over(
                Preset.CHAPTER
                    .layer()
                    .with(ConfigKey.STEPS, steps * 2L)
                    .with(ConfigKey.PROMPT, HOSTILE))
            .toSettings());
  }
}
