/** A trained model at work: loading it from a folder, choosing tokens, continuing a prompt. */
package dev.lanewise.trainer.generate;
