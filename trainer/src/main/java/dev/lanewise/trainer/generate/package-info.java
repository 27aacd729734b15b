/** A model at work: choosing tokens, continuing a prompt. */
package dev.lanewise.trainer.generate;
