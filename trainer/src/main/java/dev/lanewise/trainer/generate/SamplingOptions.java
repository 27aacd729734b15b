package dev.lanewise.trainer.generate;

import java.util.ArrayList;
import java.util.List;

/**
 * How the next token is chosen. The choice is made among the tokens that both limits leave: first
 * the {@code topK} most probable ones, and of those the fewest whose share reaches {@code topP}.
 *
 * @param temperature what logits are divided by: 0 always takes the most probable token, 1 the
 *     model's own distribution, more makes it flatter
 * @param topK how many tokens are left; 0 for all
 * @param topP which share of the probability is left, in (0, 1]; 1 for all
 * @param seed decides the text, together with the prompt and the other options
 */
public record SamplingOptions(double temperature, int topK, double topP, long seed) {

  /**
   * What commands do without options: safer than the model's own distribution, and without the
   * tokens that are improbable one by one and spoil a text together.
   */
  public static final SamplingOptions STANDARD = new SamplingOptions(0.8, 0, 0.9, 1);

  private static final double MIN_TEMPERATURE = 1e-3;
  private static final double MAX_TEMPERATURE = 1e3;

  /**
   * Checks the options.
   *
   * @throws IllegalArgumentException that names the option that is wrong, and its range
   */
  public SamplingOptions {
    List<String> problems = problems(temperature, topK, topP);
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException(String.join("; ", problems));
    }
  }

  /** Returns one line for each option that is wrong, with its name and range. */
  public static List<String> problems(double temperature, int topK, double topP) {
    List<String> problems = new ArrayList<>();
    if (temperature != 0 && !(temperature >= MIN_TEMPERATURE && temperature <= MAX_TEMPERATURE)) {
      problems.add(
          "--temperature %s has to be 0, for the most probable token, or from %s to %s"
              .formatted(temperature, MIN_TEMPERATURE, MAX_TEMPERATURE));
    }
    if (topK < 0) {
      problems.add("--top-k %d has to be positive, or 0 for no limit".formatted(topK));
    }
    if (!(topP > 0 && topP <= 1)) {
      problems.add("--top-p %s has to be above 0 and at most 1, for no limit".formatted(topP));
    }
    return List.copyOf(problems);
  }

  /** Returns options that always take the most probable token. */
  public static SamplingOptions greedy() {
    return new SamplingOptions(0, 0, 1, 0);
  }

  /** Returns options that draw from the model's own distribution. */
  public static SamplingOptions seeded(long seed) {
    return new SamplingOptions(1, 0, 1, seed);
  }
}
