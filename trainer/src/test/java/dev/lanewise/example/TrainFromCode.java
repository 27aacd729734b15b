package dev.lanewise.example;

import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.kernels.KernelSet;
import dev.lanewise.kernels.vector.VectorKernels;
import dev.lanewise.model.Transformer;
import dev.lanewise.trainer.generate.Generator;
import dev.lanewise.trainer.generate.SamplingOptions;
import dev.lanewise.trainer.settings.ConfigKey;
import dev.lanewise.trainer.settings.Preset;
import dev.lanewise.trainer.settings.Settings;
import dev.lanewise.trainer.step.Trainer;
import dev.lanewise.trainer.step.TrainerParts;
import dev.lanewise.trainer.text.token.BatchSampler;
import dev.lanewise.trainer.text.token.TokenSequence;
import dev.lanewise.trainer.text.tokenizer.Tokenizer;
import dev.lanewise.trainer.text.tokenizer.character.CharacterTrainer;

/** The README's example of Lanewise as a library: trains a small GPT on a string. */
public final class TrainFromCode {

  private TrainFromCode() {}

  /** Trains a character model on a text for that many steps and lets it continue a prompt. */
  public static String trainAndWrite(String text, int steps, String prompt) {
    // README: begin
    Settings config =
        Preset.SHAKESPEARE_CHAR
            .layer()
            .with(ConfigKey.STEPS, (long) steps)
            .with(ConfigKey.LAYERS, 2)
            .with(ConfigKey.D_MODEL, 64)
            .toSettings();

    CharacterTrainer characters = new CharacterTrainer();
    characters.write(text);
    Tokenizer tokenizer = characters.train();
    TokenSequence tokens = TokenSequence.of(tokenizer.encode(text), tokenizer.vocabularySize());

    KernelSet kernels = VectorKernels.create();
    Transformer transformer =
        new Transformer(
            config.model().description(tokenizer.vocabularySize()).config(),
            kernels,
            Trainer.sequencesPerPass(config));
    ParameterStore weights = transformer.initialize(config.step().seed());
    try (WorkerPool pool = new WorkerPool(Runtime.getRuntime().availableProcessors())) {
      Trainer trainer = new Trainer(TrainerParts.of(config, transformer, kernels, pool, weights));
      BatchSampler sampler =
          new BatchSampler(
              tokens, config.step().batch(), config.model().context(), config.step().seed());
      int[][] batch = new int[1][config.step().batch() * (config.model().context() + 1)];
      for (int step = 0; step < steps; step++) {
        sampler.draw(step, batch[0]);
        trainer.step(step, batch);
      }
      System.out.printf("loss %.3f after %d steps%n", trainer.loss(), steps);
      return new Generator(transformer, kernels, weights, trainer.panels(), tokenizer, pool)
          .generate(prompt, 40, SamplingOptions.greedy());
    }
    // README: end
  }
}
