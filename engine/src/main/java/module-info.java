/**
 * What a computation runs on: tensors, memory, workers, ranks, randomness, and flight recorder
 * events.
 */
module dev.lanewise.engine {
  requires transitive dev.lanewise.kernels;
  requires transitive jdk.jfr;

  exports dev.lanewise.engine.cluster;
  exports dev.lanewise.engine.parallel;
  exports dev.lanewise.engine.profile;
  exports dev.lanewise.engine.random;
  exports dev.lanewise.engine.registry;
  exports dev.lanewise.engine.tensor;
}
