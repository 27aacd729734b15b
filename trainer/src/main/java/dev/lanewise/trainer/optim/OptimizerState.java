package dev.lanewise.trainer.optim;

import dev.lanewise.engine.tensor.ParameterStore;

/**
 * Something that an optimizer remembers of trainable parameters: all of them, or some.
 *
 * @param name unique in its optimizer; files of checkpoints use it
 * @param label for people, such as "the first moment"
 */
public record OptimizerState(String name, String label, ParameterStore values) {}
