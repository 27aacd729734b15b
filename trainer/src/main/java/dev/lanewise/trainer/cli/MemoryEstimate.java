package dev.lanewise.trainer.cli;

import dev.lanewise.model.Transformer;
import dev.lanewise.trainer.settings.Settings;
import dev.lanewise.trainer.step.Trainer;
import java.util.Locale;

/** How much heap a run will take, so that one that cannot fit does not begin. */
final class MemoryEstimate {

  private static final long REST = 64L << 20;

  private MemoryEstimate() {}

  /**
   * Estimates the bytes of a run: weights, their packed form for forward and backward, gradients of
   * each shard, optimizer state, a copy for checkpoints, activations of the workers, keys and
   * values for samples, the tokens of a step, and a loss of each pass of an evaluation.
   *
   * @param validationTokens 0 when they are not known yet
   */
  static long bytes(
      Settings config, int states, Transformer transformer, int threads, long validationTokens) {
    int shards = Trainer.shards(config).count();
    long trained = transformer.layout().trainableSize();
    // Of weights and of what the optimizer remembers there is a copy for checkpoints.
    long floats = 2 * (transformer.countParameters() + states * trained) + shards * trained;
    floats += 2L * config.model().layers() * config.model().context() * config.model().width();
    long tokens =
        (long) config.step().accumulation()
            * config.step().batch()
            * (config.model().context() + 1);
    long losses =
        validationTokens / ((long) transformer.sequencesPerPass() * config.model().context());
    return Float.BYTES * floats
        + transformer.panelBytes(true)
        + Integer.BYTES * tokens
        + Trainer.activationBytes(config, transformer, threads)
        + Double.BYTES * losses
        + REST;
  }

  /**
   * Requires that a run fits into the heap.
   *
   * @param validationTokens 0 when they are not known yet
   * @throws IllegalArgumentException that says what it takes and how to allow it
   */
  static void requireFits(
      Settings config,
      int states,
      Transformer transformer,
      int threads,
      long validationTokens,
      long heap) {
    long bytes = bytes(config, states, transformer, threads, validationTokens);
    if (bytes > heap) {
      long gigabytes = (long) Math.ceil(bytes * 1.15 / (1L << 30));
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "this run takes about %s of memory%s, and the heap may grow to"
                  + " %s. Allow more:%n"
                  + "  LANEWISE_JAVA_OPTS=-Xmx%dg ./lanewise train ...%n"
                  + "or take less with --shards, --batch, --accumulation, --context, --d-model,"
                  + " --layers or another vocabulary.",
              Amounts.bytes(bytes),
              ofVocabulary(transformer.config().vocabularySize()),
              Amounts.bytes(heap),
              gigabytes));
    }
  }

  /** Before the text has been read an alphabet may have any size: 1 says nothing. */
  private static String ofVocabulary(int size) {
    return size == 1 ? "" : " with a vocabulary of " + size;
  }
}
