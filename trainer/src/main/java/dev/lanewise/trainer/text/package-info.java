/**
 * From text files to a corpus: finding, reading and cleaning text, learning its tokenizer, and
 * splitting it.
 */
package dev.lanewise.trainer.text;
