/**
 * Documents that a user brings as JSON Lines, and what a model sees of them: token ids, and which
 * of them count in the loss. Conversations are written by the model's own chat template.
 */
package dev.lanewise.trainer.text.conversation;
