/**
 * Text to token ids and back, as far as all kinds of tokenizer share it: the interface, and files
 * in Hugging Face form. Text travels as UTF-8 bytes in chunks of any size, so that a corpus needs
 * bounded memory.
 */
package dev.lanewise.trainer.text.tokenizer;
