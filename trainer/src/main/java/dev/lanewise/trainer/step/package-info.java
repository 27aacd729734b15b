/** One optimizer step over a batch, an exact evaluation, and the search for what is not finite. */
package dev.lanewise.trainer.step;
