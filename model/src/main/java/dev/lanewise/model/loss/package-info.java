/**
 * The loss of a language model and its gradient, without ever holding the logits of a whole batch.
 */
package dev.lanewise.model.loss;
