/**
 * The operations by hand on the Vector API, equal to their scalar definitions bit for bit at every
 * width.
 *
 * <p>Rules that keep them fast, each learned by measurement: species are {@code static final};
 * vectors are locals of one method and never cross a call that might not be inlined (C2 would box
 * them on the heap); a hot loop lives in a method of its own, small enough to compile well; what is
 * left at the end of a row is outside the hot loop, as a masked vector, or by the scalar kernel
 * where a second copy of the vector code would be more than C2 inlines.
 *
 * <p>{@link dev.lanewise.kernels.vector.FmaPeak} is no operation and has no twin: it measures what
 * the others are compared with.
 */
package dev.lanewise.kernels.vector;
