/**
 * What Lanewise is measured against: the same training step on PyTorch, and the matrix products of
 * OpenBLAS and MKL. Built by the Maven profile {@code peers} only.
 */
package dev.lanewise.bench.peers;
