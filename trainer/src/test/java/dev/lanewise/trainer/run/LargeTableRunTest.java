package dev.lanewise.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.engine.tensor.FloatTensor;
import dev.lanewise.engine.tensor.Shape;
import dev.lanewise.kernels.vector.VectorKernels;
import dev.lanewise.model.io.TensorReader;
import dev.lanewise.model.io.TensorsOnBases;
import dev.lanewise.trainer.fixture.BadKernels;
import dev.lanewise.trainer.fixture.EditedFile;
import dev.lanewise.trainer.fixture.RecordingListener;
import dev.lanewise.trainer.fixture.SmallRun;
import dev.lanewise.trainer.fixture.Texts;
import dev.lanewise.trainer.fixture.WholeTensors;
import dev.lanewise.trainer.run.metrics.StepMetrics;
import dev.lanewise.trainer.settings.ConfigKey;
import dev.lanewise.trainer.text.TextSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A run whose tables are large has in each checkpoint the bits of one that writes all of them. */
class LargeTableRunTest {

  private static final long STEPS = 60;
  private static final TextSource TEXT =
      TextSource.of("a text", (Texts.SAMPLE + Texts.LINES).repeat(2));

  @TempDir private Path folder;
  private final BadKernels bad = new BadKernels();

  /** A row rests 16 steps after the one that touched it. */
  private SmallRun run(String name, long every) {
    return SmallRun.in(folder.resolve(name))
        .with(TEXT)
        .with(VectorKernels.create())
        .with(ConfigKey.FAMILY, "lanewise")
        .with(ConfigKey.BIASES, false)
        .with(ConfigKey.TIED_HEAD, false)
        .with(ConfigKey.NGRAMS, "2:9000,3:60,4:400")
        .with(ConfigKey.CONTEXT, 7)
        .with(ConfigKey.BATCH, 2)
        .with(ConfigKey.BETA1, 0.5)
        .with(ConfigKey.BETA2, 0.9)
        .with(ConfigKey.LR, 1e-2)
        .with(ConfigKey.STEPS, STEPS)
        .with(ConfigKey.KEEP, 100)
        .with(ConfigKey.EVALUATE_EVERY, 7L)
        .with(ConfigKey.CHECKPOINT_EVERY, every);
  }

  private static void train(SmallRun run, boolean large, TrainingListener listener)
      throws IOException {
    new TrainingRun(run.options(), listener).withLargeTables(large ? 1 : Long.MAX_VALUE).run();
  }

  private static void assertKilled(SmallRun run, boolean large, long after) {
    assertThatThrownBy(
            () ->
                train(
                    run,
                    large,
                    RecordingListener.afterStep(
                        step -> {
                          if (step == after) {
                            throw new IllegalStateException("killed");
                          }
                        })))
        .hasMessage("killed");
  }

  /** Every checkpoint of one run against that of another which has all of its tensors whole. */
  private static void assertSame(SmallRun large, SmallRun whole) throws IOException {
    Map<Long, Path> expected = whole.catalog().list();
    Map<Long, Path> found = large.catalog().list();
    assertThat(found.keySet()).isEqualTo(expected.keySet());
    for (long step : expected.keySet()) {
      for (String name : List.of("model.safetensors", "optimizer.state")) {
        assertSameTensors(found.get(step).resolve(name), expected.get(step).resolve(name));
      }
    }
  }

  private static void assertSameTensors(Path found, Path whole) throws IOException {
    Map<String, FloatTensor> expected = WholeTensors.read(whole);
    try (TensorReader reader = TensorsOnBases.open(found)) {
      assertThat(reader.names()).isEqualTo(expected.keySet());
      for (Map.Entry<String, FloatTensor> tensor : expected.entrySet()) {
        Shape shape = tensor.getValue().shape();
        FloatTensor read = new FloatTensor(new float[shape.size()], 0, shape);
        reader.read(tensor.getKey(), read);
        assertThat(bits(read))
            .as("%s of %s", tensor.getKey(), found)
            .isEqualTo(bits(tensor.getValue()));
      }
    }
  }

  private static int[] bits(FloatTensor tensor) {
    return IntStream.range(0, tensor.size())
        .map(i -> Float.floatToRawIntBits(tensor.get(i)))
        .toArray();
  }

  private static Object base(SmallRun run, long step, int tokens) throws IOException {
    Path file =
        run.catalog().list().get(step).resolve("ngrams.%d.weight.base.state".formatted(tokens));
    return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 4, 13})
  void eachCheckpointHasTheWholeTable(long every) throws IOException {
    SmallRun whole = run("whole", every);
    train(whole, false, new RecordingListener());
    SmallRun large = run("large", every);
    train(large, true, new RecordingListener());
    assertSame(large, whole);
    // Few pairs are in the text at all, and of the smallest table all rows have soon changed.
    assertThat(base(large, STEPS, 2)).isEqualTo(base(large, large.catalog().list().firstKey(), 2));
    assertThat(base(large, STEPS, 3))
        .isNotEqualTo(base(large, large.catalog().list().firstKey(), 3));
  }

  @ParameterizedTest
  @CsvSource({"5, 30, 1", "17, 18, 3", "23, 41, 5", "20, 38, 9"})
  void killedTwiceItGoesOnWithTheSameBits(long first, long second, long every) throws IOException {
    SmallRun whole = run("whole", every);
    train(whole, false, new RecordingListener());
    SmallRun large = run("large", every);
    assertKilled(large, true, first);
    assertKilled(large.resumed(), true, second);
    Object before = base(large, large.catalog().list().lastKey(), 2);
    train(large.resumed(), true, new RecordingListener());
    assertSame(large, whole);
    assertThat(base(large, STEPS, 2)).isEqualTo(before);
  }

  /** Rows that move go on from where they are, because the rates are others. */
  @ParameterizedTest
  @ValueSource(longs = {9, 20, 33})
  void aRunThatIsMadeLongerHasTheSameBits(long killed) throws IOException {
    SmallRun whole = run("whole", 4);
    SmallRun large = run("large", 4);
    for (boolean isLarge : new boolean[] {false, true}) {
      SmallRun run = isLarge ? large : whole;
      assertKilled(run, isLarge, killed);
      train(run.resumed().with(ConfigKey.STEPS, STEPS + 20), isLarge, new RecordingListener());
    }
    assertSame(large, whole);
    assertThat(base(large, STEPS, 2)).isEqualTo(base(large, STEPS + 20, 2));
  }

  /** Steps 12 to 14 and 30 to 32 come to nothing, but for the rows that they would have changed. */
  @ParameterizedTest
  @ValueSource(longs = {1, 3})
  void stepsThatAreSkippedDoNotShow(long every) throws IOException {
    SmallRun whole = run("whole", every).with(bad.set()).with(NonFinitePolicy.SKIP);
    train(whole, false, badSometimes());
    SmallRun large = run("large", every).with(bad.set()).with(NonFinitePolicy.SKIP);
    train(large, true, badSometimes());
    assertSame(large, whole);
  }

  private RecordingListener badSometimes() {
    bad.trainingLoss = false;
    return new RecordingListener() {
      @Override
      public void onStep(StepMetrics metrics) {
        bad.trainingLoss = metrics.step() == 11 || metrics.step() == 29;
      }

      @Override
      public void onSkippedStep(long step, String reason) {
        bad.trainingLoss = step != 14 && step != 32;
      }
    };
  }

  /** What an older version, or a run of small tables, has written is gone on from, and back. */
  @Test
  void layoutsCanChangeInTheMiddleOfARun() throws IOException {
    SmallRun whole = run("whole", 5);
    train(whole, false, new RecordingListener());
    SmallRun mixed = run("mixed", 5);
    assertKilled(mixed, false, 16);
    assertKilled(mixed.resumed(), true, 33);
    train(mixed.resumed(), false, new RecordingListener());
    assertThat(mixed.catalog().list().get(25L).resolve("ngrams.2.weight.base")).exists();
    assertSame(mixed, whole);
  }

  /** A damaged base is damage to all that link it; what has one of its own is gone on from. */
  @Test
  void whereABaseIsDamagedTheCheckpointBeforeItIsUsed() throws IOException {
    SmallRun whole = run("whole", 5);
    train(whole, false, new RecordingListener());
    SmallRun large = run("large", 5);
    assertKilled(large, false, 12);
    assertKilled(large.resumed(), true, 33);
    EditedFile.flipABit(large.catalog().list().get(30L).resolve("ngrams.2.weight.base.state"));
    RecordingListener heard = new RecordingListener();
    train(large.resumed(), true, heard);
    assertThat(heard.warnings)
        .anySatisfy(
            warning ->
                assertThat(warning)
                    .contains("a checkpoint is damaged", "step-000030", "ngrams.2.weight.base"));
    assertThat(heard.steps.getFirst()).isEqualTo(10);
    assertSame(large, whole);
  }

  @Test
  void oldCheckpointsGoAndTheLinkedBaseStays() throws IOException {
    SmallRun whole = run("whole", 3);
    train(whole, false, new RecordingListener());
    SmallRun large = run("large", 3).with(ConfigKey.KEEP, 1);
    train(large, true, new RecordingListener());
    Map<Long, Path> left = large.catalog().list();
    assertThat(left).hasSizeBetween(1, 2);
    for (Map.Entry<Long, Path> each : left.entrySet()) {
      for (String name : List.of("model.safetensors", "optimizer.state")) {
        Path expected = whole.catalog().list().get(each.getKey()).resolve(name);
        assertSameTensors(each.getValue().resolve(name), expected);
      }
    }
  }
}
