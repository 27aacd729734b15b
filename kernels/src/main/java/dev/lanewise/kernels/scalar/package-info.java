/**
 * Plain loops, one class per operation: the definition of every operation, down to the bits of its
 * result.
 */
package dev.lanewise.kernels.scalar;
