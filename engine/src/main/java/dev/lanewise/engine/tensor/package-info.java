/**
 * Shapes, views of flat {@code float[]} memory, the store of all parameters, and the workspace of
 * activations.
 */
package dev.lanewise.engine.tensor;
