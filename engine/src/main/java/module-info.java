/** What a computation runs on: tensors, memory, workers, randomness, and flight recorder events. */
module dev.lanewise.engine {
  requires transitive dev.lanewise.kernels;
  requires jdk.jfr;
}
