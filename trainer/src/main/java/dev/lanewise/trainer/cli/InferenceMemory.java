package dev.lanewise.trainer.cli;

import dev.lanewise.kernels.Precision;
import dev.lanewise.model.Transformer;
import dev.lanewise.model.memory.WeightStorage;
import dev.lanewise.trainer.generate.Generator;
import dev.lanewise.trainer.step.Evaluator;
import java.util.Locale;
import java.util.function.IntToLongFunction;

/**
 * How much heap a trained model takes in use, so that a command that cannot fit says so before it
 * begins.
 *
 * @param command its name
 * @param heap bytes that it may take
 */
record InferenceMemory(String command, int threads, long heap) {

  private static final long REST = 64L << 20;

  /** Weights, each of them once, and what the JVM takes for itself. */
  private static long weights(Transformer transformer, Precision precision) {
    return transformer.weightBytes(false, WeightStorage.packedIn(precision)) + REST;
  }

  /** Bytes of an evaluation of so many windows. */
  static long ofEvaluation(
      Transformer transformer, Precision precision, long windows, int threads) {
    return weights(transformer, precision) + Evaluator.bytes(transformer, windows, threads);
  }

  /**
   * Bytes of generation: keys and values of all layers, and logits.
   *
   * @param texts written side by side
   * @param tokens of a text, its prompt included; what the context does not hold is forgotten
   */
  static long ofGeneration(
      Transformer transformer, Precision precision, int texts, long tokens, int threads) {
    int context = transformer.config().contextLength();
    int together = Math.min(texts, Generator.MOST_TEXTS);
    // A window that will move has another half computed beside it.
    int memories = tokens > context ? 2 * together : together;
    return weights(transformer, precision)
        + transformer.passes().decodingBytes(memories, (int) Math.min(tokens, context), threads)
        + Float.BYTES * (1L + together) * transformer.config().vocabularySize();
  }

  /**
   * Requires that an evaluation fits.
   *
   * @throws IllegalArgumentException that says what it takes and how to allow it
   */
  void requireEvaluation(Transformer transformer, Precision precision, long windows) {
    requireFits(n -> ofEvaluation(transformer, precision, windows, n));
  }

  /**
   * Requires that generation fits.
   *
   * @param texts written side by side
   * @param tokens of a text at most, its prompt included
   * @throws IllegalArgumentException that says what it takes and how to allow it
   */
  void requireGeneration(Transformer transformer, Precision precision, int texts, long tokens) {
    requireFits(n -> ofGeneration(transformer, precision, texts, tokens, n));
  }

  /** Whether generation of a text of that many tokens fits. */
  boolean allows(Transformer transformer, Precision precision, long tokens) {
    return ofGeneration(transformer, precision, 1, tokens, threads) <= heap;
  }

  private void requireFits(IntToLongFunction bytes) {
    long needed = bytes.applyAsLong(threads);
    if (needed <= heap) {
      return;
    }
    int fewer = threads - 1;
    while (fewer > 0 && bytes.applyAsLong(fewer) > heap) {
      fewer--;
    }
    throw new IllegalArgumentException(
        String.format(
            Locale.ROOT,
            "this model takes about %s of memory on %d threads, and the heap may grow to %s. Allow"
                + " more:%n  LANEWISE_JAVA_OPTS=-Xmx%dg ./lanewise %s ...%s",
            Amounts.bytes(needed),
            threads,
            Amounts.bytes(heap),
            (long) Math.ceil(needed * 1.15 / (1L << 30)),
            command,
            fewer > 0 ? String.format("%nor take less with --threads %d.", fewer) : ""));
  }
}
