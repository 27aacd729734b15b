/**
 * Shapes, views of flat {@code float[]} memory, parameters with their roles and stores, and the plan
 * of all activations.
 */
package dev.lanewise.engine.tensor;
