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
    model.pass.feed(model.randomWindows(1, 13), 0, 1, 13);
    model.pass.train(1, 1, 0);
    Path file = folder.resolve("layers.jfr");
    try (Recording recording = new Recording()) {
      recording.enable("lanewise.Layer").withoutThreshold();
      recording.start();
      model.gpt.lossAndGradients(model.pass, 1f);
      recording.stop();
      recording.dump(file);
    }
    assertThat(RecordingFile.readAllEvents(file))
        .extracting(event -> event.getString("layer") + " " + event.getString("direction"))
        .contains("head forward+backward", "embedding forward", "embedding backward")
        .contains("h.1.attn.c_attn forward", "h.1.attn.c_attn backward")
        .contains("h.0.attn.core forward", "h.0.attn.core backward")
        .contains("h.0.mlp.gelu forward", "h.0.mlp.gelu backward")
        .contains("h.1.ln_2 forward", "h.1.ln_2 backward")
        .contains("dropout forward", "dropout backward");
  }
}
