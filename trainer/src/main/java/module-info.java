/** Text in, trained model out: tokenizers, data, optimizers, the training loop, the commands. */
module dev.lanewise.trainer {
  requires transitive dev.lanewise.model;
  requires jdk.jfr;
  requires jdk.unsupported;
  requires java.management;
  requires jdk.management;
  requires com.fasterxml.jackson.core;
  requires com.fasterxml.jackson.dataformat.yaml;
  requires info.picocli;
  requires org.slf4j;
  requires ch.qos.logback.classic;
  requires ch.qos.logback.core;
  requires me.tongfei.progressbar;
  requires org.jline.reader;
  requires org.jline.terminal;
  requires jtokkit;

  exports dev.lanewise.trainer.chat;
  exports dev.lanewise.trainer.export;
  exports dev.lanewise.trainer.files;
  exports dev.lanewise.trainer.generate;
  exports dev.lanewise.trainer.optim;
  exports dev.lanewise.trainer.profile;
  exports dev.lanewise.trainer.progress;
  exports dev.lanewise.trainer.run;
  exports dev.lanewise.trainer.run.checkpoint;
  exports dev.lanewise.trainer.run.metrics;
  exports dev.lanewise.trainer.settings;
  exports dev.lanewise.trainer.step;
  exports dev.lanewise.trainer.text;
  exports dev.lanewise.trainer.text.conversation;
  exports dev.lanewise.trainer.text.template;
  exports dev.lanewise.trainer.text.token;
  exports dev.lanewise.trainer.text.tokenizer;
  exports dev.lanewise.trainer.text.tokenizer.bytefallback;
  exports dev.lanewise.trainer.text.tokenizer.bytepair;
  exports dev.lanewise.trainer.text.tokenizer.character;

  opens dev.lanewise.trainer.cli to
      info.picocli;
}
