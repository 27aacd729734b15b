/** What a tokenizer's file does to text before it is cut into pieces. */
package dev.lanewise.trainer.text.tokenizer.normalizer;
