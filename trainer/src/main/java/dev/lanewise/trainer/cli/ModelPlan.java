package dev.lanewise.trainer.cli;

import dev.lanewise.kernels.KernelSet;
import dev.lanewise.model.Gpt;
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
  Gpt gpt(int vocabularySize) {
    try {
      return new Gpt(
          config.model().gptConfig(vocabularySize), kernels, Trainer.sequencesPerPass(config));
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
  void requireFits(Gpt gpt, long validationTokens) {
    MemoryEstimate.requireFits(config, gpt, threads, validationTokens, heap);
  }
}
