package dev.lanewise.trainer.settings;

import dev.lanewise.trainer.text.tokenizer.Tokenizer;
import dev.lanewise.trainer.text.tokenizer.bytepair.BytePairTokenizer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Looks at the values of a configuration together, before any work starts. */
public final class ConfigCheck {

  private static final int MAX_SIZE = 1 << 24;

  // The kernels compute with floats, in which less may be 0 and more infinite.
  private static final double LEAST_FACTOR = 1e-30;
  private static final double GREATEST_FACTOR = 1e10;
  private static final String FACTORS =
      ConfigType.format(LEAST_FACTOR) + " to " + ConfigType.format(GREATEST_FACTOR);

  private static final int MAX_SHOWN_CHARS = 100;

  private final TrainingConfig config;
  private final List<String> problems = new ArrayList<>();

  private ConfigCheck(TrainingConfig config) {
    this.config = config;
  }

  /**
   * Checks all values.
   *
   * @throws InvalidConfigException with one line for each problem: the option, and what to do
   */
  public static void check(TrainingConfig config) {
    List<String> problems = problems(config);
    if (!problems.isEmpty()) {
      throw new InvalidConfigException(problems);
    }
  }

  /** Returns one line for each problem. */
  public static List<String> problems(TrainingConfig config) {
    ConfigCheck check = new ConfigCheck(config);
    check.checkModel();
    check.checkBatch();
    check.checkSchedule();
    check.checkOptimizer();
    check.checkOutput();
    return List.copyOf(check.problems);
  }

  private void checkModel() {
    if (config.tokenizer() == TokenizerKind.BPE) {
      requireBetween(
          ConfigKey.VOCABULARY, BytePairTokenizer.MIN_VOCABULARY, Tokenizer.MAX_VOCABULARY);
    }
    requireBetween(ConfigKey.CONTEXT, 1, MAX_SIZE);
    requireBetween(ConfigKey.LAYERS, 1, 10_000);
    requireBetween(ConfigKey.D_FF, 1, MAX_SIZE);
    if (requireBetween(ConfigKey.D_MODEL, 1, MAX_SIZE)
        && requireBetween(ConfigKey.HEADS, 1, MAX_SIZE)) {
      requireHeadsThatDivide();
    }
    require(
        isShare(config.dropout()),
        ConfigKey.DROPOUT,
        "has to be at least 0 and less than 1, also as a float; 0 turns it off");
  }

  private void requireHeadsThatDivide() {
    int rest = config.width() % config.heads();
    if (rest != 0) {
      int below = config.width() - rest;
      String fits =
          below == 0
              ? "%d".formatted(config.heads())
              : "%d or %d".formatted(below, below + config.heads());
      require(
          false,
          ConfigKey.D_MODEL,
          "is not divisible by --heads %d; take --d-model %s, or another number of heads"
              .formatted(config.heads(), fits));
    }
  }

  private void checkBatch() {
    boolean batch = requireBetween(ConfigKey.BATCH, 1, MAX_SIZE);
    if (requireBetween(ConfigKey.ACCUMULATION, 1, MAX_SIZE)) {
      requireCountableStep();
    }
    if (requireBetween(ConfigKey.SHARDS, 0, MAX_SIZE) && batch) {
      require(
          config.shards() <= config.batch(),
          ConfigKey.SHARDS,
          "is more than the %d sequences of a batch; take at most that many, or 0 for the default"
              .formatted(config.batch()));
    }
  }

  private void requireCountableStep() {
    double targets = (double) config.batch() * config.accumulation() * (config.context() + 1.0);
    require(
        targets <= Integer.MAX_VALUE,
        ConfigKey.ACCUMULATION,
        "is too much with --batch %d and --context %d: a step would have more than 2^31 tokens"
            .formatted(config.batch(), config.context()));
  }

  private void checkSchedule() {
    boolean steps = requireBetween(ConfigKey.STEPS, 1, Integer.MAX_VALUE);
    if (requireBetween(ConfigKey.WARMUP, 0, Integer.MAX_VALUE) && steps) {
      require(
          config.warmup() < config.steps(),
          ConfigKey.WARMUP,
          "has to be less than --steps %d; take --warmup %d, or more steps"
              .formatted(config.steps(), config.steps() / 10));
    }
    boolean rate =
        require(
            isFactor(config.maxLearningRate()),
            ConfigKey.LR,
            "has to be from " + FACTORS + ", for example 3e-4");
    if (rate && requireFactorOrZero(ConfigKey.MIN_LR, "0 lets it fall to nothing")) {
      require(
          config.minLearningRate() <= config.maxLearningRate(),
          ConfigKey.MIN_LR,
          "has to be at most --lr " + ConfigType.format(config.maxLearningRate()));
    }
  }

  private void checkOptimizer() {
    require(
        isShare(config.beta1()),
        ConfigKey.BETA1,
        "has to be at least 0 and less than 1, also as a float, for example 0.9");
    require(
        isShare(config.beta2()),
        ConfigKey.BETA2,
        "has to be at least 0 and less than 1, also as a float, for example 0.999");
    require(
        config.epsilon() >= LEAST_FACTOR && config.epsilon() <= 1,
        ConfigKey.EPSILON,
        "has to be between 1e-30 and 1, for example 1e-8");
    requireFactorOrZero(ConfigKey.WEIGHT_DECAY, "0 turns it off");
    requireFactorOrZero(ConfigKey.CLIP, "0 turns it off");
  }

  /** Whether a value is in [0, 1) also as the float that is computed with. */
  private static boolean isShare(double value) {
    return value >= 0 && (float) value < 1;
  }

  private static boolean isFactor(double value) {
    return value >= LEAST_FACTOR && value <= GREATEST_FACTOR;
  }

  private boolean requireFactorOrZero(ConfigKey key, String zero) {
    double value = (Double) key.valueIn(config);
    return require(
        value == 0 || isFactor(value), key, "has to be 0 or from " + FACTORS + "; " + zero);
  }

  private void checkOutput() {
    require(
        ConfigYamlWriter.write(config).getBytes(StandardCharsets.UTF_8).length
            <= ConfigYaml.MAX_BYTES,
        ConfigKey.PROMPT,
        "is too long to be kept with the run, whose config.yaml may have %d bytes"
            .formatted(ConfigYaml.MAX_BYTES));
    requireBetween(ConfigKey.EVALUATE_EVERY, 1, Integer.MAX_VALUE);
    requireBetween(ConfigKey.CHECKPOINT_EVERY, 1, Integer.MAX_VALUE);
    requireBetween(ConfigKey.KEEP, 1, Integer.MAX_VALUE);
    requireBetween(ConfigKey.SAMPLE_TOKENS, 0, MAX_SIZE);
  }

  private boolean requireBetween(ConfigKey key, long least, long most) {
    long value = ((Number) key.valueIn(config)).longValue();
    String range =
        most == Integer.MAX_VALUE ? "at least " + least : "from " + least + " to " + most;
    return require(value >= least && value <= most, key, "has to be " + range);
  }

  private boolean require(boolean holds, ConfigKey key, String problem) {
    if (!holds) {
      Object value = key.valueIn(config);
      String shown = value instanceof String text ? quoted(text) : ConfigType.format(value);
      problems.add(key.option() + " " + shown + " " + problem);
    }
    return holds;
  }

  private static String quoted(String text) {
    boolean isLong = text.length() > MAX_SHOWN_CHARS;
    return "\"" + (isLong ? text.substring(0, MAX_SHOWN_CHARS) + "..." : text) + "\"";
  }
}
