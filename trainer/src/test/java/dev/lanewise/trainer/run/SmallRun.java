package dev.lanewise.trainer.run;

import dev.lanewise.kernels.KernelSet;
import dev.lanewise.kernels.scalar.ScalarKernels;
import dev.lanewise.trainer.optim.Optimizers;
import dev.lanewise.trainer.optim.Schedules;
import dev.lanewise.trainer.run.checkpoint.Checkpoint;
import dev.lanewise.trainer.run.checkpoint.CheckpointCatalog;
import dev.lanewise.trainer.settings.ConfigKey;
import dev.lanewise.trainer.settings.ConfigLayer;
import dev.lanewise.trainer.settings.Preset;
import dev.lanewise.trainer.text.TextSource;
import java.io.IOException;
import java.nio.file.Path;

/** The settings of a run that takes no time, to be varied; a step is one sequence on one thread. */
record SmallRun(
    Path folder,
    ConfigLayer layer,
    TextSource text,
    KernelSet kernels,
    boolean resume,
    NonFinitePolicy onNonFinite,
    CheckpointFailurePolicy onCheckpointFailure) {

  static final TextSource TEXT = TextSource.of("a text", "to be or not to be\n".repeat(50));

  static SmallRun in(Path folder) {
    ConfigLayer layer =
        Preset.SHAKESPEARE_CHAR
            .layer()
            .with(ConfigKey.LAYERS, 1)
            .with(ConfigKey.D_MODEL, 16)
            .with(ConfigKey.HEADS, 2)
            .with(ConfigKey.D_FF, 32)
            .with(ConfigKey.CONTEXT, 16)
            .with(ConfigKey.BATCH, 1)
            .with(ConfigKey.STEPS, 6L)
            .with(ConfigKey.WARMUP, 1L)
            .with(ConfigKey.LR, 1e-3)
            .with(ConfigKey.EVALUATE_EVERY, 2L)
            .with(ConfigKey.CHECKPOINT_EVERY, 100L)
            .with(ConfigKey.KEEP, 20)
            .with(ConfigKey.PROMPT, "to")
            .with(ConfigKey.SAMPLE_TOKENS, 0);
    return new SmallRun(
        folder,
        layer,
        TEXT,
        ScalarKernels.create(),
        false,
        NonFinitePolicy.STOP,
        CheckpointFailurePolicy.STOP);
  }

  SmallRun with(ConfigKey key, Object value) {
    return new SmallRun(
        folder, layer.with(key, value), text, kernels, resume, onNonFinite, onCheckpointFailure);
  }

  SmallRun with(KernelSet set) {
    return new SmallRun(folder, layer, text, set, resume, onNonFinite, onCheckpointFailure);
  }

  SmallRun with(TextSource other) {
    return new SmallRun(folder, layer, other, kernels, resume, onNonFinite, onCheckpointFailure);
  }

  SmallRun with(NonFinitePolicy policy) {
    return new SmallRun(folder, layer, text, kernels, resume, policy, onCheckpointFailure);
  }

  SmallRun with(CheckpointFailurePolicy policy) {
    return new SmallRun(folder, layer, text, kernels, resume, onNonFinite, policy);
  }

  SmallRun resumed() {
    return new SmallRun(folder, layer, text, kernels, true, onNonFinite, onCheckpointFailure);
  }

  TrainingRun.Options settings() {
    return new TrainingRun.Options(
        layer.toSettings(),
        folder,
        text,
        1,
        kernels,
        Optimizers.STANDARD,
        Schedules.STANDARD,
        resume,
        onNonFinite,
        onCheckpointFailure);
  }

  TrainingRun.Outcome train(TrainingListener listener) throws IOException {
    return new TrainingRun(settings(), listener).run();
  }

  CheckpointCatalog catalog() {
    return new CheckpointCatalog(folder);
  }

  Checkpoint newest() throws IOException {
    return catalog().newest().found();
  }
}
