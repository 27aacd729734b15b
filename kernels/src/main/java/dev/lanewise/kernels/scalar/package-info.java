/**
 * The definition of each operation, in plain loops: short, obvious, slow. Read these first; the
 * vector kernels are tested against them for equality of bits.
 */
package dev.lanewise.kernels.scalar;
