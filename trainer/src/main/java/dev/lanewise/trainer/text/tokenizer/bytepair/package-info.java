/** Byte-level byte pair encoding, as GPT-2 has it: training, merging, files. */
package dev.lanewise.trainer.text.tokenizer.bytepair;
