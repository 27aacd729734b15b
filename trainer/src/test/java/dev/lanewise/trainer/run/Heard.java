package dev.lanewise.trainer.run;

import dev.lanewise.trainer.run.metrics.StepMetrics;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Remembers what a run said; a test overrides what it wants to act upon. */
class Heard implements TrainingListener {

  final List<Long> steps = new ArrayList<>();
  final List<Double> losses = new ArrayList<>();
  final List<Long> skipped = new ArrayList<>();
  final List<Long> evaluations = new ArrayList<>();
  final List<Long> samples = new ArrayList<>();
  final List<Long> saved = new ArrayList<>();
  final List<String> warnings = new ArrayList<>();

  @Override
  public void onTokenizer(int done, int total) {}

  @Override
  public void onReady(RunFacts facts) {}

  @Override
  public void onStep(StepMetrics metrics) {
    steps.add(metrics.step());
    losses.add(metrics.loss());
  }

  @Override
  public void onSkippedStep(long step, String reason) {
    skipped.add(step);
  }

  @Override
  public void onEvaluation(long completedSteps, double loss, boolean best) {
    evaluations.add(completedSteps);
  }

  @Override
  public void onSample(long completedSteps, String text) {
    samples.add(completedSteps);
  }

  @Override
  public void onCheckpoint(long completedSteps, Path folder) {
    saved.add(completedSteps);
  }

  @Override
  public void onWarning(String message) {
    warnings.add(message);
  }
}
