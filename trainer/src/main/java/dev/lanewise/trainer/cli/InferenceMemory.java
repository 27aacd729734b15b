package dev.lanewise.trainer.cli;

import dev.lanewise.kernels.Precision;
import dev.lanewise.model.Transformer;
import dev.lanewise.model.io.Counted;
import dev.lanewise.model.memory.WeightStorage;
import dev.lanewise.trainer.generate.Generator;
import dev.lanewise.trainer.run.WeightPrecision;
import dev.lanewise.trainer.step.Evaluator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.IntToLongFunction;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * How much heap a trained model takes in use, so that a command that cannot fit says so before it
 * begins.
 *
 * @param command its name
 * @param heap bytes that it may take
 */
record InferenceMemory(String command, int threads, long heap) {

  private static final long REST = 64L << 20;

  /**
   * In which precisions generation holds what takes most memory.
   *
   * @param weights those of matrices
   * @param keyValues those of the texts
   */
  record Held(Precision weights, Precision keyValues) {

    private Held withWeights(Precision other) {
      return new Held(other, keyValues);
    }
  }

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
      Transformer transformer, Held held, int texts, long tokens, int threads) {
    int context = transformer.config().contextLength();
    int together = Math.min(texts, Generator.MOST_TEXTS);
    // A window that will move has another half computed beside it.
    int memories = tokens > context ? 2 * together : together;
    int positions = (int) Math.min(tokens, context);
    return weights(transformer, held.weights)
        + transformer.passes().decodingBytes(memories, positions, held.keyValues, threads)
        + Float.BYTES * (1L + together) * transformer.config().vocabularySize();
  }

  /**
   * Requires that an evaluation fits.
   *
   * @throws IllegalArgumentException that says what it takes and how to allow it
   */
  void requireEvaluation(Transformer transformer, Precision precision, long windows) {
    long needed = ofEvaluation(transformer, precision, windows, threads);
    if (needed > heap) {
      throw tooMuch(
          needed,
          List.of(
              fewer("--threads", threads, n -> ofEvaluation(transformer, precision, windows, n)),
              coarser(precision, held -> ofEvaluation(transformer, held, windows, threads))));
    }
  }

  /**
   * Requires that generation fits.
   *
   * @param texts written side by side
   * @param tokens of a text at most, its prompt included
   * @throws IllegalArgumentException that says what it takes and how to allow it
   */
  void requireGeneration(Transformer transformer, Held held, int texts, long tokens) {
    long needed = ofGeneration(transformer, held, texts, tokens, threads);
    if (needed > heap) {
      int together = Math.min(texts, Generator.MOST_TEXTS);
      throw tooMuch(
          needed,
          List.of(
              fewer("--threads", threads, n -> ofGeneration(transformer, held, texts, tokens, n)),
              fewer(
                  "--samples", together, n -> ofGeneration(transformer, held, n, tokens, threads)),
              coarserKeyValues(transformer, held, texts, tokens),
              coarser(
                  held.weights,
                  weights ->
                      ofGeneration(
                          transformer, held.withWeights(weights), texts, tokens, threads))));
    }
  }

  private Optional<String> coarserKeyValues(
      Transformer transformer, Held held, int texts, long tokens) {
    Held coarse = new Held(held.weights, Precision.BF16);
    return ofGeneration(transformer, coarse, texts, tokens, threads) <= heap
        ? Optional.of(KeyValueChoice.OPTION + " bf16, which rounds keys and values")
        : Optional.empty();
  }

  /** Whether generation of a text of that many tokens fits. */
  boolean allows(Transformer transformer, Held held, long tokens) {
    return ofGeneration(transformer, held, 1, tokens, threads) <= heap;
  }

  /** The most, below what there is, that fits. */
  private Optional<String> fewer(String option, int given, IntToLongFunction bytes) {
    int less = given - 1;
    while (less > 0 && bytes.applyAsLong(less) > heap) {
      less--;
    }
    return less > 0 ? Optional.of(option + " " + less) : Optional.empty();
  }

  /** The finest precision, below that of the weights, that fits. */
  private Optional<String> coarser(Precision held, ToLongFunction<Precision> bytes) {
    return Stream.of(WeightPrecision.BF16, WeightPrecision.INT8)
        .filter(weights -> bytes.applyAsLong(weights.of(held)) <= heap)
        .findFirst()
        .map(weights -> "--weights " + weights + ", which rounds them");
  }

  private IllegalArgumentException tooMuch(long needed, List<Optional<String>> ways) {
    String less = ways.stream().flatMap(Optional::stream).collect(Collectors.joining(", or "));
    return new IllegalArgumentException(
        String.format(
            Locale.ROOT,
            "this model takes about %s of memory on %s, and the heap may grow to %s. Allow"
                + " more:%n  LANEWISE_JAVA_OPTS=-Xmx%dg ./lanewise %s ...%s",
            Amounts.bytes(needed),
            Counted.of(threads, "thread"),
            Amounts.bytes(heap),
            (long) Math.ceil(needed * 1.15 / (1L << 30)),
            command,
            less.isEmpty() ? "" : String.format("%nor take less with %s.", less)));
  }
}
