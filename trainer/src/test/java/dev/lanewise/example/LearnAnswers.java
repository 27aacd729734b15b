package dev.lanewise.example;

import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.kernels.KernelSet;
import dev.lanewise.kernels.vector.VectorKernels;
import dev.lanewise.model.Transformer;
import dev.lanewise.model.memory.Batch;
import dev.lanewise.trainer.generate.Generator;
import dev.lanewise.trainer.generate.SamplingOptions;
import dev.lanewise.trainer.settings.ConfigKey;
import dev.lanewise.trainer.settings.Preset;
import dev.lanewise.trainer.settings.Settings;
import dev.lanewise.trainer.step.Trainer;
import dev.lanewise.trainer.step.TrainerParts;
import dev.lanewise.trainer.text.tokenizer.Tokenizer;
import dev.lanewise.trainer.text.tokenizer.character.CharacterTrainer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * USAGE's example of targets with a mask: of texts such as {@code fox=xof.} only what follows the
 * equals sign is learned.
 */
public final class LearnAnswers {

  private static final String LETTERS = "bdfhkmoxz";
  private static final int QUESTION = 3;

  private LearnAnswers() {}

  /** Trains on words and what they are backwards, and answers some questions. */
  public static List<String> trainAndAnswer(int steps, List<String> questions) {
    CharacterTrainer characters = new CharacterTrainer();
    characters.write(LETTERS + "=.");
    Tokenizer tokenizer = characters.train();
    Settings config =
        Preset.SHAKESPEARE_CHAR
            .layer()
            .with(ConfigKey.STEPS, (long) steps)
            .with(ConfigKey.CONTEXT, 2 * QUESTION + 1)
            .with(ConfigKey.LAYERS, 2)
            .with(ConfigKey.D_MODEL, 64)
            .with(ConfigKey.BATCH, 32)
            .toSettings();
    KernelSet kernels = VectorKernels.create();
    Transformer transformer =
        new Transformer(
            config.model().description(tokenizer.vocabularySize()).config(),
            kernels,
            Trainer.sequencesPerPass(config));
    ParameterStore weights = transformer.initialize(config.step().seed());
    try (WorkerPool pool = new WorkerPool(2)) {
      Trainer trainer = new Trainer(TrainerParts.of(config, transformer, kernels, pool, weights));
      SplittableRandom random = new SplittableRandom(1);
      // USAGE: begin mask
      int context = config.model().context();
      int[][] ids = new int[1][config.step().batch() * context];
      int[][] targets = new int[1][config.step().batch() * context];
      for (int step = 0; step < steps; step++) {
        for (int s = 0; s < config.step().batch(); s++) {
          String question = randomWord(random) + "=";
          String answer = new StringBuilder(question).reverse().substring(1) + ".";
          int[] text = tokenizer.encode(question + answer);
          for (int t = 0; t < context; t++) {
            boolean counts = t + 1 >= question.length();
            ids[0][s * context + t] = text[t];
            targets[0][s * context + t] = counts ? text[t + 1] : Batch.UNCOUNTED;
          }
        }
        trainer.step(step, ids, targets); // the loss is the mean over what counts
      }
      // USAGE: end mask
      Generator generator =
          new Generator(transformer, kernels, weights, trainer.panels(), tokenizer, pool);
      List<String> answers = new ArrayList<>();
      for (String question : questions) {
        answers.add(generator.generate(question + "=", QUESTION + 1, SamplingOptions.greedy()));
      }
      return answers;
    }
  }

  private static String randomWord(SplittableRandom random) {
    StringBuilder word = new StringBuilder();
    for (int i = 0; i < QUESTION; i++) {
      word.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
    }
    return word.toString();
  }
}
