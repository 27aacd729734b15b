/** Text in, trained model out: tokenizers, data, optimizers, the training loop, the commands. */
module dev.lanewise.trainer {
  requires transitive dev.lanewise.model;
  requires jdk.jfr;
  requires jdk.unsupported;
  requires java.management;
  requires jdk.management;
  requires com.fasterxml.jackson.databind;
  requires com.fasterxml.jackson.dataformat.yaml;
  requires info.picocli;
  requires org.slf4j;
  requires ch.qos.logback.classic;
  requires me.tongfei.progressbar;
  requires jtokkit;

  exports dev.lanewise.trainer.checkpoint;
  exports dev.lanewise.trainer.config;
  exports dev.lanewise.trainer.data;
  exports dev.lanewise.trainer.generate;
  exports dev.lanewise.trainer.loop;
  exports dev.lanewise.trainer.metrics;
  exports dev.lanewise.trainer.optim;
  exports dev.lanewise.trainer.schedule;
  exports dev.lanewise.trainer.tokenizer;

  opens dev.lanewise.trainer.cli to
      info.picocli;
}
