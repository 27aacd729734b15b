package dev.lanewise.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.kernels.vector.VectorKernels;
import java.io.IOException;
import java.nio.file.Path;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LayerEventsTest {

  @Test
  void everyLayerReportsBothDirections(@TempDir Path folder) throws IOException {
    TestModel model = new TestModel(TestModel.config(true, true, 0.1f), VectorKernels.create(), 1);
    model.pass.batch().takeWindows(model.randomWindows(1, 13), 0, 1, 13);
    model.pass.withDropout(1, 1, 0);
    Path file = folder.resolve("layers.jfr");
    try (Recording recording = new Recording()) {
      recording.enable("lanewise.Layer").withoutThreshold();
      recording.start();
      model.transformer.lossAndGradients(model.pass, 1f);
      recording.stop();
      recording.dump(file);
    }
    assertThat(RecordingFile.readAllEvents(file))
        .extracting(event -> event.getString("layer") + " " + event.getString("direction"))
        .contains("head forward+backward", "embedding forward", "embedding backward")
        .contains("layers.1.attention.qkv forward", "layers.1.attention.qkv backward")
        .contains("layers.0.attention.core forward", "layers.0.attention.core backward")
        .contains("layers.0.feed_forward.gelu forward", "layers.0.feed_forward.gelu backward")
        .contains("layers.1.feed_forward_norm forward", "layers.1.feed_forward_norm backward")
        .contains("dropout forward", "dropout backward");
  }
}
