package dev.lanewise.trainer.run;

import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.kernels.KernelSet;
import dev.lanewise.model.Gpt;
import dev.lanewise.model.GptConfig;
import dev.lanewise.model.io.Gpt2Format;
import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.model.layer.WeightPanels;
import dev.lanewise.trainer.generate.Generator;
import dev.lanewise.trainer.run.checkpoint.Checkpoint;
import dev.lanewise.trainer.text.TokenizerFolder;
import dev.lanewise.trainer.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A model read from a folder, ready to generate and to evaluate.
 *
 * @param folder the files are in
 * @param origin says for people which folder was taken, and why
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
   * @param folder a checkpoint, any other folder with a GPT-2 in Hugging Face's form, or a run
   *     folder, of which the best checkpoint is taken, or else the newest; a damaged checkpoint of
   *     a run is warned about and passed over
   * @param sequencesPerPass most sequences of a pass, see {@link Gpt}; 1 will do for generation
   * @throws IOException that names the file and what is wrong with it, or says what was looked for
   */
  public static LoadedModel load(
      Path folder, KernelSet kernels, WorkerPool pool, int sequencesPerPass) throws IOException {
    ModelFolder found = ModelFolder.find(folder);
    Tokenizer tokenizer;
    GptConfig config;
    Checkpoint checkpoint = found.checkpoint();
    if (checkpoint != null) {
      tokenizer = checkpoint.tokenizer();
      config = checkpoint.gptConfig();
    } else {
      config = Gpt2Format.readConfig(found.path());
      tokenizer = TokenizerFolder.load(found.path());
    }
    Path configFile = found.path().resolve(Gpt2Format.CONFIGURATION);
    if (config.vocabularySize() < tokenizer.vocabularySize()) {
      throw new InvalidFileException(
          configFile,
          "vocab_size",
          "is %d, but the tokenizer beside it has %d tokens"
              .formatted(config.vocabularySize(), tokenizer.vocabularySize()));
    }
    Gpt gpt;
    try {
      gpt = new Gpt(config, kernels, sequencesPerPass);
    } catch (IllegalArgumentException e) {
      throw new InvalidFileException(configFile, "", e.getMessage(), e);
    }
    ParameterStore weights = Gpt2Format.readWeights(found.path(), gpt);
    WeightPanels panels = gpt.newPanels(false);
    panels.pack(pool, weights.data());
    return new LoadedModel(found.path(), found.origin(), gpt, kernels, weights, panels, tokenizer);
  }

  /** Returns a generator on this model, on whose tokens the pool works. */
  public Generator newGenerator(WorkerPool pool) {
    return new Generator(gpt, kernels, weights, panels, tokenizer, pool);
  }
}
