/**
 * Arithmetic on slices of {@code float[]}: each operation a transformer's training step needs, as a
 * small interface. No state, no threads, no allocation.
 *
 * <p>Two packages implement them: {@code scalar} is the definition of each operation in plain
 * loops, {@code vector} is the same operation by hand on the Vector API, equal to the definition
 * bit for bit (any NaN equals any NaN). What makes that possible is written at each operation: the
 * order of its arithmetic is part of its contract.
 *
 * <p>Common notation: matrices are row-major with a row stride in floats; an argument pair {@code
 * (x, xOffset)} is the slice of {@code x} that starts at {@code xOffset}. B is the number of
 * sequences, T the positions of one, C the model width, V the vocabulary. Slices that an operation
 * reads and writes must not overlap unless it says that they may. Sizes and offsets are not
 * validated beyond Java's own bounds checks: the layers above lay memory out once and correctly.
 */
package dev.lanewise.kernels;
