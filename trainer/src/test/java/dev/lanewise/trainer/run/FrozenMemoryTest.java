package dev.lanewise.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.kernels.scalar.ScalarKernels;
import dev.lanewise.kernels.vector.VectorKernels;
import dev.lanewise.model.Transformer;
import dev.lanewise.model.family.ModelDescription;
import dev.lanewise.model.family.ModelFolder;
import dev.lanewise.model.io.Encoding;
import dev.lanewise.trainer.fixture.HuggingFaceModels;
import dev.lanewise.trainer.fixture.RecordingListener;
import dev.lanewise.trainer.fixture.SmallRun;
import dev.lanewise.trainer.fixture.Texts;
import dev.lanewise.trainer.settings.ConfigKey;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import javax.management.JMException;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the float arrays of the JVM take while something is added to a model: for a file of sixteen
 * bits they are less, by as much as the weights of a file in floats take of them.
 */
class FrozenMemoryTest {

  @TempDir private Path folder;

  /** Bytes of all float arrays that are reachable. */
  private static long floatBytes() {
    String[] nothing = {};
    try {
      String histogram =
          (String)
              ManagementFactory.getPlatformMBeanServer()
                  .invoke(
                      new ObjectName("com.sun.management:type=DiagnosticCommand"),
                      "gcClassHistogram",
                      new Object[] {nothing},
                      new String[] {String[].class.getName()});
      return histogram
          .lines()
          .map(line -> line.strip().split("\\s+"))
          .filter(words -> words.length > 3 && words[3].equals("[F"))
          .mapToLong(words -> Long.parseLong(words[2]))
          .sum();
    } catch (JMException e) {
      throw new IllegalStateException(e);
    }
  }

  /** What float arrays a run adds. */
  private long floatBytesOf(Path base, String name) throws IOException {
    long[] during = new long[1];
    RecordingListener measuring =
        RecordingListener.afterStep(
            step -> {
              if (step == 1) {
                during[0] = floatBytes();
              }
            });
    SmallRun run =
        SmallRun.in(folder.resolve(name))
            .with(VectorKernels.create())
            .with(ConfigKey.FROM, base.toString())
            .with(ConfigKey.LORA_RANK, 1);
    long before = floatBytes();
    run.train(measuring);
    return during[0] - before;
  }

  /**
   * All else is the same, so the difference is the model: packed once, for forward and backward.
   */
  @Test
  void theModelIsNotWidened() throws IOException {
    Path floats = HuggingFaceModels.copyStories(Texts.LINES, folder.resolve("floats"));
    Path shorter = HuggingFaceModels.copyStories(Texts.LINES, folder.resolve("shorter"));
    ModelDescription description = ModelFolder.readConfig(floats);
    Transformer plan = new Transformer(description.config(), ScalarKernels.create(), 1, 1);
    ParameterStore weights = ModelFolder.readWeights(floats, description, plan);
    ModelFolder.weights(description, weights, Encoding.F32)
        .write(floats.resolve(ModelFolder.WEIGHTS));
    ModelFolder.weights(description, weights, Encoding.BF16)
        .write(shorter.resolve(ModelFolder.WEIGHTS));
    // The first run leaves tables and the like that all runs share.
    floatBytesOf(floats, "first");
    long ofFloats = floatBytesOf(floats, "of-floats");
    long ofShorter = floatBytesOf(shorter, "of-shorter");

    assertThat((double) (ofFloats - ofShorter) / (Float.BYTES * plan.countParameters()))
        .isBetween(0.9, 1.25);
  }
}
