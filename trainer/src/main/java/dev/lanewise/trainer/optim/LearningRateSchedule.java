package dev.lanewise.trainer.optim;

/** The learning rate of each step: a function of the step alone, so resuming needs no state. */
@FunctionalInterface
public interface LearningRateSchedule {

  /** Returns the learning rate of a step, counted from 0. */
  double at(long step);
}
