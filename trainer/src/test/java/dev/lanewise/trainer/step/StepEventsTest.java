package dev.lanewise.trainer.step;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.trainer.fixture.SmallTrainer;
import dev.lanewise.trainer.settings.ConfigKey;
import dev.lanewise.trainer.text.token.TokenSequence;
import dev.lanewise.trainer.text.token.ValidationWindows;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a recording of one step and one evaluation shows: 3 shards, each of a pass for each of 2
 * micro-batches.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StepEventsTest {

  private static final int SHARDS = 3;
  private static final int ACCUMULATION = 2;
  private static final int STEP = 4;
  private static final int WINDOWS = 5;

  private List<RecordedEvent> ofStep;
  private List<RecordedEvent> ofEvaluation;
  private SmallTrainer run;
  private double evaluated;

  @BeforeAll
  void record(@TempDir Path folder) throws IOException {
    try (WorkerPool pool = new WorkerPool(2)) {
      run =
          SmallTrainer.of(
              SmallTrainer.layer()
                  .with(ConfigKey.SHARDS, SHARDS)
                  .with(ConfigKey.ACCUMULATION, ACCUMULATION),
              pool);
      int[][] batch = run.batch(STEP);
      ofStep = recorded(folder.resolve("step.jfr"), () -> run.trainer().step(STEP, batch));
      int[] tokens = new int[(WINDOWS - 1) * run.settings().model().context() + 3];
      ValidationWindows windows =
          new ValidationWindows(
              TokenSequence.of(tokens, SmallTrainer.VOCABULARY), run.settings().model().context());
      ofEvaluation =
          recorded(
              folder.resolve("evaluation.jfr"),
              () ->
                  evaluated =
                      run.trainer().evaluator().evaluate(windows, () -> false).orElseThrow());
    }
  }

  private static List<RecordedEvent> recorded(Path file, Runnable work) throws IOException {
    try (Recording recording = new Recording()) {
      for (String name : List.of("Step", "Shard", "Layer", "Reduce", "Optimizer", "Evaluate")) {
        recording.enable("lanewise." + name).withoutThreshold();
      }
      recording.start();
      work.run();
      recording.stop();
      recording.dump(file);
    }
    return RecordingFile.readAllEvents(file);
  }

  private static List<RecordedEvent> named(List<RecordedEvent> events, String name) {
    return events.stream()
        .filter(event -> event.getEventType().getName().equals("lanewise." + name))
        .toList();
  }

  private static RecordedEvent only(List<RecordedEvent> events, String name) {
    List<RecordedEvent> found = named(events, name);
    assertThat(found).as(name).hasSize(1);
    return found.getFirst();
  }

  @Test
  void theStepHasItsNumberLossAndTokens() {
    RecordedEvent step = only(ofStep, "Step");
    assertThat(step.getLong("step")).isEqualTo(STEP);
    assertThat(step.getDouble("loss")).isEqualTo(run.trainer().loss());
    assertThat(step.getInt("tokens")).isEqualTo(run.trainer().costs().targets());
    assertThat(named(ofStep, "Evaluate")).isEmpty();
  }

  @Test
  void reductionAndOptimizerComeOnceAndWithinTheStep() {
    RecordedEvent step = only(ofStep, "Step");
    RecordedEvent reduce = only(ofStep, "Reduce");
    RecordedEvent optimizer = only(ofStep, "Optimizer");
    assertThat(reduce.getInt("shards")).isEqualTo(SHARDS);
    assertThat(optimizer.getDouble("gradientNorm")).isEqualTo(run.trainer().gradientNorm());
    assertThat(optimizer.getDouble("learningRate"))
        .isEqualTo(run.trainer().learningRate())
        .isPositive();
    assertThat(reduce.getStartTime()).isBetween(step.getStartTime(), step.getEndTime());
    assertThat(reduce.getEndTime()).isBeforeOrEqualTo(optimizer.getStartTime());
    assertThat(optimizer.getEndTime()).isBeforeOrEqualTo(step.getEndTime());
  }

  @Test
  void eachShardComesOnce() {
    assertThat(named(ofStep, "Shard"))
        .extracting(event -> event.getInt("shard") + ": " + event.getInt("sequences"))
        .containsExactlyInAnyOrder("0: 2", "1: 2", "2: 2");
  }

  @Test
  void eachLayerComesOnceInEachPassAndDirection() {
    long passes = (long) SHARDS * ACCUMULATION;
    Map<String, Long> step = layers(ofStep);
    for (String layer :
        List.of(
            "embedding",
            "layers.0.attention_norm",
            "layers.0.attention.qkv",
            "layers.1.attention.core",
            "layers.1.feed_forward.gelu")) {
      assertThat(step)
          .containsEntry(layer + " forward", passes)
          .containsEntry(layer + " backward", passes);
    }
    assertThat(step).containsEntry("head forward+backward", passes);

    // Two windows make a pass; the last window is shorter, and a pass of its own.
    long evaluations = WINDOWS / 2 + 1;
    Map<String, Long> evaluation = layers(ofEvaluation);
    assertThat(evaluation)
        .containsEntry("embedding forward", evaluations)
        .containsEntry("layers.1.feed_forward.gelu forward", evaluations)
        .containsEntry("head forward", evaluations);
    assertThat(evaluation.keySet()).noneMatch(name -> name.endsWith("backward"));
  }

  @Test
  void aSharedShardAndItsLayersComeOnceForEachWorker(@TempDir Path folder) throws IOException {
    try (WorkerPool pool = new WorkerPool(2)) {
      SmallTrainer shared = SmallTrainer.of(SmallTrainer.layer().with(ConfigKey.SHARDS, 1), pool);
      int[][] batch = shared.batch(STEP);
      List<RecordedEvent> events =
          recorded(folder.resolve("shared.jfr"), () -> shared.trainer().step(STEP, batch));

      assertThat(named(events, "Shard"))
          .extracting(event -> event.getInt("sequences"))
          .containsExactly(shared.settings().step().batch(), shared.settings().step().batch());
      assertThat(layers(events))
          .containsEntry("layers.0.attention.qkv forward", 2L)
          .containsEntry("layers.1.feed_forward.gelu backward", 2L);
      assertThat(sum(events, "flops")).isEqualTo(shared.trainer().flops());
      long rows = shared.trainer().costs().targets();
      assertThat(sum(ofLayer(events, "layers.1.feed_forward.gelu", "forward"), "bytes"))
          .isEqualTo(rows * 2 * Float.BYTES * shared.settings().model().feedForwardWidth());
      // The rows of the table are looked up by each worker, and added up by the first one alone.
      assertThat(sum(ofLayer(events, "embedding", "backward"), "bytes"))
          .isEqualTo(rows * 3 * Float.BYTES * shared.settings().model().width());
      assertThat(sum(events, "waited")).isPositive();
    }
  }

  private static List<RecordedEvent> ofLayer(
      List<RecordedEvent> events, String layer, String direction) {
    return named(events, "Layer").stream()
        .filter(event -> event.getString("layer").equals(layer))
        .filter(event -> event.getString("direction").equals(direction))
        .toList();
  }

  private static long sum(List<RecordedEvent> events, String field) {
    return named(events, "Layer").stream().mapToLong(event -> event.getLong(field)).sum();
  }

  @Test
  void theLayersHaveTheOperationsOfTheStep() {
    assertThat(sum(ofStep, "flops")).isEqualTo(run.trainer().flops());
    // A thread that goes through a shard alone waits for nobody.
    assertThat(sum(ofStep, "waited")).isZero();
  }

  @Test
  void reductionAndOptimizerTellWhatTheyReadAndWrite() {
    long gradients = (long) Float.BYTES * run.transformer().countParameters();
    assertThat(only(ofStep, "Reduce").getLong("bytes")).isEqualTo(7 * gradients);
    assertThat(only(ofStep, "Optimizer").getLong("bytes"))
        .isEqualTo(7 * gradients + 2 * run.transformer().panelBytes(true));
  }

  private static Map<String, Long> layers(List<RecordedEvent> events) {
    return named(events, "Layer").stream()
        .collect(
            groupingBy(e -> e.getString("layer") + " " + e.getString("direction"), counting()));
  }

  @Test
  void theEvaluationHasItsLossAndWindows() {
    RecordedEvent evaluation = only(ofEvaluation, "Evaluate");
    assertThat(evaluation.getDouble("loss")).isEqualTo(evaluated);
    assertThat(evaluation.getLong("windows")).isEqualTo(WINDOWS);
    assertThat(named(ofEvaluation, "Step")).isEmpty();
  }
}
