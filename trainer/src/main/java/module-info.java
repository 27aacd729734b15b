/** Text in, trained model out: tokenizers, data, optimizers, the training loop, the commands. */
module dev.lanewise.trainer {
  requires dev.lanewise.model;
  requires jdk.jfr;
  requires jdk.unsupported;
  requires java.management;
  requires jdk.management;
  requires com.fasterxml.jackson.databind;
  requires com.fasterxml.jackson.dataformat.yaml;
  requires org.yaml.snakeyaml;
  requires info.picocli;
  requires org.slf4j;
  requires ch.qos.logback.classic;
  requires me.tongfei.progressbar;
  requires jtokkit;

  opens dev.lanewise.trainer.cli to
      info.picocli;
}
