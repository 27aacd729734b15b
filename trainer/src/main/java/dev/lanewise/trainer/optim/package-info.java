/** Optimizers over flat parameter arrays, gradient clipping, and learning rate schedules. */
package dev.lanewise.trainer.optim;
