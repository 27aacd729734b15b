package dev.lanewise.trainer.run;

import dev.lanewise.engine.tensor.MemoryPlan.Use;

/**
 * What a run takes memory for although less would do. No result depends on it.
 *
 * @param activations {@link Use#TRAINING} to keep them all from forward to backward, {@link
 *     Use#RECOMPUTING} to compute most of them again
 * @param checkpointCopy whether a checkpoint is written from a copy of weights and optimizer state
 *     while training goes on; else training waits for it
 */
public record RunMemory(Use activations, boolean checkpointCopy) {

  /** All that makes a run faster. */
  public static final RunMemory AMPLE = new RunMemory(Use.TRAINING, true);
}
