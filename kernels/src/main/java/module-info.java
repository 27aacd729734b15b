/**
 * Arithmetic on slices of float arrays: the operations, their scalar definitions, and their Vector
 * API twins.
 */
module dev.lanewise.kernels {
  requires jdk.incubator.vector;

  exports dev.lanewise.kernels;
  exports dev.lanewise.kernels.scalar;
  exports dev.lanewise.kernels.vector;
}
