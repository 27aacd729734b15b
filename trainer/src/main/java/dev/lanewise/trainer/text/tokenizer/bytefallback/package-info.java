/**
 * Byte pair encoding of characters, with bytes for those that the vocabulary does not have, as
 * Llama 2, TinyLlama and the first Mistral have it.
 */
package dev.lanewise.trainer.text.tokenizer.bytefallback;
