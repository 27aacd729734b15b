package dev.lanewise.trainer.chat;

import dev.lanewise.trainer.generate.SamplingOptions;
import java.util.ArrayList;
import java.util.List;

/**
 * How a model answers.
 *
 * @param sampling how each token is chosen
 * @param maxTokens the most tokens of an answer
 * @param context the most tokens of a conversation that the model sees, if that is less than it
 *     could; they decide the memory of keys and values
 */
public record ChatOptions(SamplingOptions sampling, int maxTokens, int context) {

  /** What {@code lanewise chat} does without options. */
  public static final ChatOptions STANDARD =
      new ChatOptions(SamplingOptions.STANDARD, 512, Integer.MAX_VALUE);

  private static final int LEAST_CONTEXT = 8;

  /**
   * Checks the options.
   *
   * @throws IllegalArgumentException that names the one that is wrong, and its range
   */
  public ChatOptions {
    List<String> problems = problems(maxTokens, context);
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException(String.join("; ", problems));
    }
  }

  /** Returns one line for each option that is wrong, with its name and range. */
  public static List<String> problems(int maxTokens, int context) {
    List<String> problems = new ArrayList<>();
    if (maxTokens < 1) {
      problems.add("--max-tokens " + maxTokens + " has to be at least 1");
    }
    if (context < LEAST_CONTEXT) {
      problems.add("--context " + context + " has to be at least " + LEAST_CONTEXT);
    }
    return List.copyOf(problems);
  }
}
