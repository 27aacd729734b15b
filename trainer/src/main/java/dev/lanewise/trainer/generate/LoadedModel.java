package dev.lanewise.trainer.generate;

import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.kernels.KernelSet;
import dev.lanewise.model.Gpt;
import dev.lanewise.model.layer.WeightPanels;
import dev.lanewise.trainer.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A model read from a folder, ready to generate and evaluate.
 *
 * @param folder the files are in
 * @param origin says for people which folder was taken and why
 * @param weights of {@code gpt}
 * @param panels the same weights packed, for the forward pass
 */
public record LoadedModel(
    Path folder,
    String origin,
    Gpt gpt,
    KernelSet kernels,
    ParameterStore weights,
    WeightPanels panels,
    Tokenizer tokenizer) {

  /**
   * Reads a model.
   *
   * @param folder a checkpoint, any folder with a GPT-2 in Hugging Face's form, or a run folder, of
   *     which the best checkpoint is taken, or the newest if there is no best one
   * @param sequencesPerPass most sequences of a pass, see {@link Gpt}; 1 will do for generation
   * @throws IOException that names the file and what is wrong with it, or says what was looked for
   */
  public static LoadedModel load(
      Path folder, KernelSet kernels, WorkerPool pool, int sequencesPerPass) throws IOException {
    throw new UnsupportedOperationException("waits for model.io");
  }

  /** Returns a generator on this model. */
  public Generator newGenerator() {
    return new Generator(gpt, kernels, weights, panels, tokenizer);
  }
}
