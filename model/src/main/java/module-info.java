/** Layers with forward and backward, the GPT, its loss, and its weights files. */
module dev.lanewise.model {
  requires transitive dev.lanewise.engine;
  requires transitive com.fasterxml.jackson.core;

  exports dev.lanewise.model;
  exports dev.lanewise.model.io;
  exports dev.lanewise.model.layer;
  exports dev.lanewise.model.loss;
  exports dev.lanewise.model.reference;
}
