/** How a tokenizer's file cuts text into the pieces that byte pairs are never merged across. */
package dev.lanewise.trainer.text.tokenizer.pretokenizer;
