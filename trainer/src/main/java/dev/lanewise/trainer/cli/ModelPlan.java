package dev.lanewise.trainer.cli;

import dev.lanewise.kernels.KernelSet;
import dev.lanewise.model.Transformer;
import dev.lanewise.trainer.optim.Optimizers;
import dev.lanewise.trainer.settings.Settings;
import dev.lanewise.trainer.step.Trainer;
import dev.lanewise.trainer.text.tokenizer.bytepair.BytePairTokenizer;

/**
 * Looks at the model that settings ask for before anything of it is allocated.
 *
 * @param heap bytes that it may take
 */
record ModelPlan(Settings config, KernelSet kernels, int threads, long heap) {

  /** The fewest ids that the tokenizer of a run can turn out to have, or all that are asked for. */
  static int vocabularyBeforeTheText(Settings config) {
    return switch (config.text().tokenizer()) {
      case BPE -> config.text().vocabulary();
      case CHAR -> 1;
      case GPT2 -> BytePairTokenizer.GPT2_VOCABULARY;
    };
  }

  /**
   * Plans the model.
   *
   * @throws IllegalArgumentException that names the options when arrays cannot hold it
   */
  Transformer transformer(int vocabularySize) {
    try {
      return new Transformer(
          config.model().description(vocabularySize).config(),
          kernels,
          Trainer.sequencesPerPass(config));
    } catch (ArithmeticException e) {
      String problem = "a matrix is larger than an array; make the model smaller";
      throw tooLarge(vocabularySize, problem, e);
    } catch (IllegalArgumentException e) {
      throw tooLarge(vocabularySize, e.getMessage(), e);
    }
  }

  private IllegalArgumentException tooLarge(
      int vocabularySize, String problem, RuntimeException cause) {
    return new IllegalArgumentException(
        "--context %d, --d-model %d, --d-ff %d, --layers %d and a vocabulary of %d are too much together: %s"
            .formatted(
                config.model().context(),
                config.model().width(),
                config.model().feedForwardWidth(),
                config.model().layers(),
                vocabularySize,
                problem),
        cause);
  }

  /** See {@link MemoryEstimate#requireFits}. */
  void requireFits(Transformer transformer, long validationTokens) {
    int states = Optimizers.STANDARD.named(config.optimizer().kind()).states();
    MemoryEstimate.requireFits(config, states, transformer, threads, validationTokens, heap);
  }
}
