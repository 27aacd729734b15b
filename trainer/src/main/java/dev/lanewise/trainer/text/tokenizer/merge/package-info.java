/** Merging of neighbours and the steps around it: what all kinds of byte pairs share. */
package dev.lanewise.trainer.text.tokenizer.merge;
