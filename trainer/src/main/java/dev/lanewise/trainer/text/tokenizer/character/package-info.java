/** One token for each character of a text. */
package dev.lanewise.trainer.text.tokenizer.character;
