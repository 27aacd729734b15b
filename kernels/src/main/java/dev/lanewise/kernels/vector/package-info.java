/**
 * The operations by hand on the Vector API, equal to their scalar definitions bit for bit at every
 * width.
 *
 * <p>Rules that keep them fast, each learned by measurement: species are {@code static final};
 * vectors are locals of one method and never cross a call that might not be inlined (C2 would box
 * them on the heap); a hot loop lives in a method of its own, small enough to compile well; tails
 * use masks, outside the hot loop.
 */
package dev.lanewise.kernels.vector;
