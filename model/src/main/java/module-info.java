/** The transformer: its layers, its memory, its families and their files. */
module dev.lanewise.model {
  requires transitive dev.lanewise.engine;
  requires transitive com.fasterxml.jackson.core;

  exports dev.lanewise.model;
  exports dev.lanewise.model.check;
  exports dev.lanewise.model.family;
  exports dev.lanewise.model.io;
  exports dev.lanewise.model.layer;
  exports dev.lanewise.model.memory;
}
