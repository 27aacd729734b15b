package dev.lanewise.trainer.settings;

import dev.lanewise.model.io.Counted;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Everything that decides the result of a training run besides the text. The number of threads and
 * the vector width are not here, because they do not. {@link ConfigKey} lists the settings.
 *
 * @param text how text becomes ids
 * @param model the shape of the model
 * @param adapter what is added to the model, should only that be trained
 * @param step what a step takes, and how many there are
 * @param schedule the learning rate over the run
 * @param optimizer what is done with a gradient
 * @param output what comes out along the way
 */
public record Settings(
    TextSettings text,
    ModelSettings model,
    AdapterSettings adapter,
    StepSettings step,
    ScheduleSettings schedule,
    OptimizerSettings optimizer,
    OutputSettings output) {

  static Settings of(ConfigLayer layer) {
    ConfigLayer values = layer.withoutWhatABaseDecides();
    return new Settings(
        TextSettings.of(values),
        ModelSettings.of(values),
        AdapterSettings.of(values),
        StepSettings.of(values),
        ScheduleSettings.of(values),
        OptimizerSettings.of(values),
        OutputSettings.of(values));
  }

  /** Returns one line for each value that cannot be used: the option, and what to do. */
  public List<String> problems() {
    Problems problems = new Problems();
    text.check(problems);
    model.check(problems);
    adapter.check(model, problems);
    step.check(model.context(), problems);
    schedule.check(
        step.epochs() > 0 ? Integer.MAX_VALUE : step.limit(), "--steps " + step.steps(), problems);
    optimizer.check(problems);
    problems.require(
        optimizer.beta2HalfLife() <= 0 || (float) beta2() < 1,
        ConfigKey.BETA2_HALF_LIFE,
        optimizer.beta2HalfLife(),
        "is so long that nothing would be forgotten; take less");
    if (problems.lines().isEmpty() && model.isNew() && !model.ngrams().isEmpty()) {
      optimizer.checkGlide(resolvedOptimizer(), problems);
    }
    output.check(problems);
    requirePromptThatCanBeKept(problems);
    return problems.lines();
  }

  /**
   * Returns Adam's decay of the mean squared gradient: as it is set, or so that it keeps half after
   * as many tokens as are set, whatever the tokens of a step (arXiv 2507.07101).
   */
  public double beta2() {
    if (optimizer.beta2HalfLife() == 0) {
      return optimizer.beta2();
    }
    double tokens = (double) step.batch() * step.accumulation() * model.context();
    // StrictMath, because Math.pow may differ between machines in its last bit.
    return StrictMath.pow(2, -tokens / optimizer.beta2HalfLife());
  }

  /** Returns the optimizer's settings with the {@link #beta2} that there is to be. */
  public OptimizerSettings resolvedOptimizer() {
    return optimizer.withBeta2(beta2());
  }

  /**
   * Requires that rows of tables of n-grams come to rest, as those of a model to begin with have to
   * that may have some.
   *
   * @throws InvalidConfigException if {@link OptimizerSettings#glideEnds} does not hold
   */
  public void checkGlide() {
    Problems problems = new Problems();
    optimizer.checkGlide(resolvedOptimizer(), problems);
    problems.throwIfAny();
  }

  /** What config.yaml cannot hold could not be resumed. */
  private void requirePromptThatCanBeKept(Problems problems) {
    int bytes = ConfigYamlWriter.write(this).getBytes(StandardCharsets.UTF_8).length;
    String prompt = output.prompt();
    problems.require(
        bytes <= ConfigYaml.MAX_BYTES,
        ConfigKey.PROMPT,
        prompt.substring(0, Math.min(20, prompt.length())) + "...",
        "is too long to be kept with the run, whose config.yaml may have %d bytes"
            .formatted(ConfigYaml.MAX_BYTES));
  }

  /**
   * Requires that all values can be used.
   *
   * @throws InvalidConfigException with all {@link #problems}
   */
  public void check() {
    List<String> problems = problems();
    if (!problems.isEmpty()) {
      throw new InvalidConfigException(problems);
    }
  }

  /** Returns these settings with one changed. */
  public Settings with(ConfigKey key, Object value) {
    return ConfigLayer.of(this).with(key, value).toSettings();
  }

  /**
   * Returns these settings with the steps that their epochs come to.
   *
   * @param windows of the text for training
   * @throws InvalidConfigException if the warmup is longer
   */
  public Settings on(long windows) {
    if (step.epochs() == 0) {
      return this;
    }
    Settings resolved =
        new Settings(text, model, adapter, step.on(windows), schedule, optimizer, output);
    Problems problems = new Problems();
    long steps = resolved.step.steps();
    schedule.check(
        steps,
        "the %s of --epochs %s"
            .formatted(Counted.of(steps, "step"), ConfigType.format(step.epochs())),
        problems);
    problems.throwIfAny();
    return resolved;
  }

  /** Returns these settings of a run that trains the weights themselves. */
  public Settings withoutAdapter() {
    return new Settings(text, model, AdapterSettings.NONE, step, schedule, optimizer, output);
  }

  /** Returns these settings with the steps that their minutes have come to. */
  public Settings ending(long steps) {
    return new Settings(text, model, adapter, step.ending(steps), schedule, optimizer, output);
  }

  /**
   * Returns these settings with another's length of the run, its evaluations, checkpoints and
   * samples: what may change when a run is resumed, because the steps taken so far do not depend on
   * it (but for the learning rate and the end of a sampled softmax, which depend on the length).
   */
  public Settings withHabitsOf(Settings other) {
    return new Settings(
        text, model, adapter, step.withStepsOf(other.step), schedule, optimizer, other.output);
  }
}
