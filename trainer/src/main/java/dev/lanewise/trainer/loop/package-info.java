/**
 * The training loop: one optimizer step, an exact evaluation, and the run that strings them
 * together with checkpoints and metrics.
 */
package dev.lanewise.trainer.loop;
