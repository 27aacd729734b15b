/**
 * Text to token ids and back: byte-level byte pair encoding and single characters, their training,
 * and their files in Hugging Face form. Text travels as UTF-8 bytes in chunks of any size, so that
 * a corpus needs bounded memory.
 */
package dev.lanewise.trainer.tokenizer;
