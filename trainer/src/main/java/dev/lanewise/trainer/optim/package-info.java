/** Optimizers over flat parameter arrays, and gradient clipping. */
package dev.lanewise.trainer.optim;
