package dev.lanewise.trainer.run.compare;

import dev.lanewise.trainer.fixture.SmallSettings;
import dev.lanewise.trainer.run.RunFolder;
import dev.lanewise.trainer.run.metrics.MemoryUse;
import dev.lanewise.trainer.run.metrics.MetricsLog;
import dev.lanewise.trainer.run.metrics.StepMetrics;
import dev.lanewise.trainer.settings.ConfigKey;
import dev.lanewise.trainer.settings.ConfigLayer;
import dev.lanewise.trainer.settings.ConfigYamlWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A run that took no time: its settings and its log, which falls by a hundredth at each step. */
record WrittenRun(Path folder, ConfigLayer layer, long taken) {

  static final int MILLISECONDS = 10;

  /** A run of 100 steps that has come to its end. */
  static WrittenRun in(Path folder) {
    return new WrittenRun(folder, SmallSettings.layer().with(ConfigKey.STEPS, 100L), 100);
  }

  WrittenRun with(ConfigKey key, Object value) {
    return new WrittenRun(folder, layer.with(key, value), taken);
  }

  WrittenRun taken(long steps) {
    return new WrittenRun(folder, layer, steps);
  }

  /** Writes it with an evaluation at each tenth of its steps. */
  Path write(double lastLoss) throws IOException {
    Files.createDirectories(folder);
    RunFolder files = new RunFolder(folder);
    Files.writeString(files.config(), ConfigYamlWriter.write(layer.toSettings()));
    long every = Math.max(1, layer.toSettings().step().steps() / 10);
    try (MetricsLog log = MetricsLog.open(files.metrics(), 0, warning -> {})) {
      for (long step = 0; step < taken; step++) {
        double loss = lastLoss + (taken - step) / 100.0;
        log.step(
            new StepMetrics(step, loss, 1e-3, 2, MILLISECONDS, 100, 1000), 1, MemoryUse.UNKNOWN);
        if ((step + 1) % every == 0) {
          log.evaluation(step + 1, lastLoss + (taken - step - 1) / 100.0);
        }
      }
    }
    return folder;
  }
}
