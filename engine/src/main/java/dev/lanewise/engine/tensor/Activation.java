package dev.lanewise.engine.tensor;

/**
 * A matrix of activations in a {@link MemoryPlan}: what layers hold instead of arrays, so that one
 * set of layers serves all workers. A worker's memory has a view for each.
 *
 * @param index its number in the plan
 * @param name for people
 * @param columns floats of a row that it shows
 */
public record Activation(int index, String name, int columns) {}
