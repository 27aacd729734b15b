/**
 * The same operations by hand on the Vector API. Every result has the bits of its scalar twin, at
 * any vector width.
 */
package dev.lanewise.kernels.vector;
