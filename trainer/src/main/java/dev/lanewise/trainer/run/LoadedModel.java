package dev.lanewise.trainer.run;

import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.kernels.KernelSet;
import dev.lanewise.kernels.Precision;
import dev.lanewise.model.Transformer;
import dev.lanewise.model.family.HeldWeights;
import dev.lanewise.model.family.ModelFolder;
import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.model.memory.WeightPanels;
import dev.lanewise.trainer.generate.Generator;
import dev.lanewise.trainer.progress.LateLogger;
import dev.lanewise.trainer.progress.Progress;
import dev.lanewise.trainer.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A model read from a folder, ready to generate and to evaluate.
 *
 * @param folder the files are in
 * @param origin says for people which folder was taken, and why
 * @param weights those that the panels do not hold: vectors, and tables of positions
 * @param panels the matrices, packed for the forward pass
 * @param keyValues in which precision generators keep keys and values, F32 or BF16
 * @param endTokens ids that end a text, as the model's files say
 */
public record LoadedModel(
    Path folder,
    String origin,
    Transformer transformer,
    KernelSet kernels,
    ParameterStore weights,
    WeightPanels panels,
    Precision keyValues,
    Tokenizer tokenizer,
    Set<Integer> endTokens) {

  private static final LateLogger LOG = new LateLogger(LoadedModel.class);

  /** Copies the set. */
  public LoadedModel {
    endTokens = Set.copyOf(endTokens);
  }

  /**
   * Reads a model to generate with, see {@link KnownModel#in}.
   *
   * @throws IOException that names the file and what is wrong with it, or says what was looked for
   */
  public static LoadedModel forGeneration(Path folder, KernelSet kernels) throws IOException {
    return forGeneration(
        KnownModel.in(folder, Progress.SILENT),
        kernels,
        WeightPrecision.FILE,
        any -> {},
        Progress.SILENT);
  }

  /**
   * Reads the weights of a model to generate with. Tensors that are no part of the model, or are
   * rounded, are warned of.
   *
   * @param precision in which matrices are held
   * @param planned is told of the model before memory is taken for it; what it throws ends this
   * @param progress of reading them
   * @throws IOException that names the file and what is wrong with it
   */
  public static LoadedModel forGeneration(
      KnownModel model,
      KernelSet kernels,
      WeightPrecision precision,
      Consumer<Transformer> planned,
      Progress progress)
      throws IOException {
    // A decoder has its own memory: no pass of a whole context is made, which may not fit.
    return load(model, kernels, precision, 1, 1, planned, progress);
  }

  /**
   * Reads the weights of a model, each of them once.
   *
   * @param precision in which matrices are held
   * @param sequences most sequences of a pass, see {@link Transformer}
   * @param time most positions of a sequence in a pass
   * @param planned is told of the model before memory is taken for it; what it throws ends this
   * @param progress of reading them
   * @throws IOException that names the file and what is wrong with it
   */
  public static LoadedModel load(
      KnownModel model,
      KernelSet kernels,
      WeightPrecision precision,
      int sequences,
      int time,
      Consumer<Transformer> planned,
      Progress progress)
      throws IOException {
    Transformer transformer;
    try {
      transformer =
          new Transformer(
              model.description().config(), kernels, sequences, time, model.adaptation());
    } catch (IllegalArgumentException e) {
      throw new InvalidFileException(
          model.folder().resolve(ModelFolder.CONFIGURATION), "", e.getMessage(), e);
    }
    planned.accept(transformer);
    HeldWeights weights =
        model.readHeldWeights(transformer, precision::of, note -> LOG.warn("{}", note), progress);
    return new LoadedModel(
        model.folder(),
        model.origin(),
        transformer,
        kernels,
        weights.store(),
        weights.panels(),
        Precision.F32,
        model.tokenizer(),
        model.files().endTokens());
  }

  /**
   * Returns the same model, whose generators keep keys and values in another precision: in BF16
   * they take half the memory, and a text has bits of its own.
   *
   * @param other F32, as models are read, or BF16
   */
  public LoadedModel withKeyValues(Precision other) {
    return new LoadedModel(
        folder, origin, transformer, kernels, weights, panels, other, tokenizer, endTokens);
  }

  /** Returns a generator on this model, on whose tokens the pool works. */
  public Generator newGenerator(WorkerPool pool) {
    return newGenerator(pool, Set.of());
  }

  /** As {@link #newGenerator(WorkerPool)}, whose texts end at some other tokens too. */
  public Generator newGenerator(WorkerPool pool, Set<Integer> otherEnds) {
    Set<Integer> ends = new HashSet<>(endTokens);
    ends.addAll(otherEnds);
    return new Generator(transformer, kernels, weights, panels, keyValues, tokenizer, ends, pool);
  }
}
