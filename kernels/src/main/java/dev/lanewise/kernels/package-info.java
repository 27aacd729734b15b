/**
 * The operations of a transformer as small interfaces over slices of {@code float[]}, and the sets
 * that bundle one implementation of each. No state, no threads, no allocation.
 */
package dev.lanewise.kernels;
