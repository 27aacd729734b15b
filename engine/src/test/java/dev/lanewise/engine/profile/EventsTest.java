package dev.lanewise.engine.profile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.engine.parallel.Team;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventsTest {

  @Test
  void whatIsRecordedCanBeReadBack(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("events.jfr");
    try (Recording recording = new Recording()) {
      for (String name :
          List.of("Step", "Shard", "Layer", "Reduce", "Optimizer", "Evaluate", "Checkpoint")) {
        recording.enable("lanewise." + name).withoutThreshold();
      }
      recording.start();
      StepEvent.end(StepEvent.start(), 7, 2.5, 4096);
      ShardEvent.end(ShardEvent.start(), 3, 4);
      LayerWork work = new LayerWork("h.0.attn", LayerWork.BACKWARD, "matmul", 100, 3);
      LayerEvent.end(LayerEvent.start(Team.alone().member(0)), work, 5);
      ReduceEvent.end(ReduceEvent.start(), 8, 4000);
      OptimizerEvent.end(OptimizerEvent.start(), 0.75, 3e-4, 7000);
      EvaluateEvent.end(EvaluateEvent.start(), 1.5, 12);
      CheckpointEvent.end(CheckpointEvent.start(), 500, "step-000500");
      recording.stop();
      recording.dump(file);
    }
    List<RecordedEvent> events = RecordingFile.readAllEvents(file);

    RecordedEvent step = only(events, "Step");
    assertThat(step.getLong("step")).isEqualTo(7);
    assertThat(step.getDouble("loss")).isEqualTo(2.5);
    assertThat(step.getInt("tokens")).isEqualTo(4096);
    RecordedEvent shard = only(events, "Shard");
    assertThat(shard.getInt("shard")).isEqualTo(3);
    assertThat(shard.getInt("sequences")).isEqualTo(4);
    assertThat(shard.getThread().getJavaName()).isEqualTo(Thread.currentThread().getName());
    RecordedEvent layer = only(events, "Layer");
    assertThat(layer.getString("layer")).isEqualTo("h.0.attn");
    assertThat(layer.getString("direction")).isEqualTo("backward");
    assertThat(layer.getString("kernel")).isEqualTo("matmul");
    assertThat(layer.getLong("flops")).isEqualTo(500);
    assertThat(layer.getLong("bytes")).isEqualTo(15);
    assertThat(layer.getLong("waited")).isZero();
    assertThat(only(events, "Reduce").getInt("shards")).isEqualTo(8);
    assertThat(only(events, "Reduce").getLong("bytes")).isEqualTo(4000);
    RecordedEvent optimizer = only(events, "Optimizer");
    assertThat(optimizer.getDouble("gradientNorm")).isEqualTo(0.75);
    assertThat(optimizer.getDouble("learningRate")).isEqualTo(3e-4);
    assertThat(optimizer.getLong("bytes")).isEqualTo(7000);
    RecordedEvent evaluate = only(events, "Evaluate");
    assertThat(evaluate.getDouble("loss")).isEqualTo(1.5);
    assertThat(evaluate.getLong("windows")).isEqualTo(12);
    RecordedEvent checkpoint = only(events, "Checkpoint");
    assertThat(checkpoint.getLong("step")).isEqualTo(500);
    assertThat(checkpoint.getString("path")).isEqualTo("step-000500");
  }

  private static RecordedEvent only(List<RecordedEvent> events, String name) {
    List<RecordedEvent> found =
        events.stream()
            .filter(event -> event.getEventType().getName().equals("lanewise." + name))
            .toList();
    assertThat(found).as(name).hasSize(1);
    assertThat(found.getFirst().getDuration().isNegative()).isFalse();
    return found.getFirst();
  }

  @Test
  void theMachineIsToldToRecordingsThatRunAndToThoseThatBeginLater(@TempDir Path folder)
      throws IOException {
    try (Recording running = new Recording();
        Recording later = new Recording();
        Recording after = new Recording()) {
      running.start();
      MachineEvent.Announcement announcement = MachineEvent.announce(3, 123.5, "vector");
      later.start();
      announcement.close();
      after.start();
      assertThat(machines(running, folder)).isNotEmpty().containsOnly("3 123.5 vector");
      assertThat(machines(later, folder)).isNotEmpty().containsOnly("3 123.5 vector");
      assertThat(machines(after, folder)).isEmpty();
    }
  }

  private static List<String> machines(Recording recording, Path folder) throws IOException {
    Path file = folder.resolve(recording.getId() + ".jfr");
    recording.stop();
    recording.dump(file);
    return RecordingFile.readAllEvents(file).stream()
        .filter(event -> event.getEventType().getName().equals("lanewise.Machine"))
        .map(
            event ->
                event.getInt("threads")
                    + " "
                    + event.getDouble("peakGigaflops")
                    + " "
                    + event.getString("kernels"))
        .toList();
  }

  @Test
  void withoutARecordingThereIsNoEvent() {
    assertThat(LayerEvent.start(Team.alone().member(0))).isNull();
    assertThat(StepEvent.start()).isNull();
    LayerEvent.end(null, LayerWork.floats("ignored", LayerWork.FORWARD, "ignored", 1), 1);
    StepEvent.end(null, 0, 0, 0);
  }
}
