package dev.lanewise.trainer.run;

import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.kernels.KernelSet;
import dev.lanewise.model.Transformer;
import dev.lanewise.trainer.settings.ConfigKey;
import dev.lanewise.trainer.settings.ConfigLayer;
import dev.lanewise.trainer.settings.Preset;
import dev.lanewise.trainer.settings.Settings;
import dev.lanewise.trainer.step.Trainer;
import dev.lanewise.trainer.step.TrainerParts;
import java.util.List;

/**
 * The bits that a machine's kernels come to, shown by a step of three tiny models: ranks compare
 * them before they train together, so that a processor or a JVM that computes something else is
 * found out at the start.
 */
public final class KernelBits {

  private static final int VOCABULARY = 37;

  private KernelBits() {}

  /** Returns the SHA-256 of the weights after a step, in hex. */
  public static String of(KernelSet kernels) {
    StringBuilder bits = new StringBuilder();
    for (String family : List.of("gpt2", "llama", "lanewise")) {
      boolean gpt2 = family.equals("gpt2");
      boolean lanewise = family.equals("lanewise");
      bits.append(
          afterAStep(
              kernels,
              Preset.SHAKESPEARE_CHAR
                  .layer()
                  .with(ConfigKey.FAMILY, family)
                  .with(ConfigKey.CONTEXT, 11)
                  .with(ConfigKey.BATCH, 3)
                  .with(ConfigKey.LAYERS, 1)
                  .with(ConfigKey.D_MODEL, 36)
                  .with(ConfigKey.HEADS, 2)
                  .with(ConfigKey.D_FF, 50)
                  .with(ConfigKey.BIASES, gpt2)
                  .with(ConfigKey.TIED_HEAD, gpt2)
                  .with(ConfigKey.NGRAMS, lanewise ? "2:20" : "")
                  .with(ConfigKey.OPTIMIZER, lanewise ? "muon" : "adamw")
                  .with(ConfigKey.DROPOUT, 0.1)
                  .with(ConfigKey.WARMUP, 0L)));
    }
    return bits.toString();
  }

  private static String afterAStep(KernelSet kernels, ConfigLayer layer) {
    Settings settings = layer.toSettings();
    Transformer transformer =
        new Transformer(
            settings.model().description(VOCABULARY).config(),
            kernels,
            Trainer.sequencesPerPass(settings));
    ParameterStore weights = transformer.initialize(settings.step().seed());
    int[] ids = new int[settings.step().batch() * (settings.model().context() + 1)];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = i * i % VOCABULARY;
    }
    try (WorkerPool pool = new WorkerPool(1)) {
      new Trainer(TrainerParts.of(settings, transformer, kernels, pool, weights))
          .step(0, new int[][] {ids});
    }
    return FirstInputs.of("", weights).weights().substring(0, 16);
  }
}
