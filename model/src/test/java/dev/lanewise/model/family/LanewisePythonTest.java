package dev.lanewise.model.family;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.engine.random.RandomStream;
import dev.lanewise.engine.tensor.FloatTensor;
import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.kernels.vector.VectorKernels;
import dev.lanewise.model.Transformer;
import dev.lanewise.model.TransformerConfig;
import dev.lanewise.model.io.RowsOnBase;
import dev.lanewise.model.memory.Pass;
import dev.lanewise.model.memory.WeightPanels;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What docs/lanewise_model.py reads from our files is the model that we compute, where Python is.
 */
class LanewisePythonTest {

  private static final Path SCRIPT = Path.of("..", "docs", "lanewise_model.py");
  private static final int[] IDS = {3, 60, 0, 7, 7, 12, 60, 3};

  @TempDir Path folder;

  static List<TransformerConfig> examples() {
    return new Lanewise().examples(0);
  }

  @ParameterizedTest
  @MethodSource("examples")
  void pythonComputesTheSameLogits(TransformerConfig config) throws Exception {
    assumeTrue(runs("python3", "--version"), "there is no python3");
    Transformer transformer = new Transformer(config, VectorKernels.create(), 1);
    ParameterStore weights = random(transformer);
    ModelFolders.write(
        folder, new ModelDescription(new Lanewise(), config), weights, OptionalInt.empty());
    assertSameLogits(transformer, weights);
  }

  @Test
  void pythonReadsATableOnItsBase() throws Exception {
    assumeTrue(runs("python3", "--version"), "there is no python3");
    TransformerConfig config = examples().getFirst();
    ModelDescription model = new ModelDescription(new Lanewise(), config);
    Transformer transformer = new Transformer(config, VectorKernels.create(), 1);
    ParameterStore weights = random(transformer);
    ModelFolders.write(folder, model, weights, OptionalInt.empty());
    Parameter table = transformer.layout().parameter("ngrams.3.weight");
    ParameterStore former = new ParameterStore(transformer.layout());
    weights.copyTo(former);
    int[] changed = IntStream.range(0, 300).filter(row -> row % 3 != 1).toArray();
    for (int row : changed) {
      Arrays.fill(
          former.data(), former.offset(table) + row * 32, former.offset(table) + row * 32 + 32, 7);
    }
    ModelFolder.base(model, former, table).write(folder.resolve("3.base"));
    ModelFolder.weights(model, weights, Map.of(table, new RowsOnBase("3.base", changed)))
        .write(folder.resolve(ModelFolder.WEIGHTS));
    assertThat(ModelFolder.weightFiles(folder)).containsExactly(ModelFolder.WEIGHTS, "3.base");
    assertThat(ModelFolder.readWeights(folder, model, transformer).data())
        .isEqualTo(weights.data());
    assertSameLogits(transformer, weights);
  }

  private static ParameterStore random(Transformer transformer) {
    ParameterStore weights = new ParameterStore(transformer.layout());
    RandomStream random = new RandomStream(5, RandomStream.DIAGNOSTICS, 0);
    for (Parameter parameter : weights.parameters()) {
      FloatTensor tensor = weights.tensor(parameter);
      for (int i = 0; i < tensor.size(); i++) {
        tensor.set(i, (float) (0.3 * random.nextGaussian()));
      }
    }
    return weights;
  }

  private void assertSameLogits(Transformer transformer, ParameterStore weights) throws Exception {
    JsonNode theirs = new ObjectMapper().readTree(python());
    float[] ours = logits(transformer, weights);

    assertThat(theirs.size()).isEqualTo(IDS.length);
    int vocabulary = transformer.config().vocabularySize();
    for (int i = 0; i < ours.length; i++) {
      double logit = theirs.get(i / vocabulary).get(i % vocabulary).asDouble();
      assertThat((double) ours[i]).isCloseTo(logit, within(1e-4));
    }
  }

  private static float[] logits(Transformer transformer, ParameterStore weights) {
    WeightPanels panels = transformer.newPanels(false);
    try (WorkerPool pool = new WorkerPool(1)) {
      panels.pack(pool, weights);
    }
    Pass pass = transformer.newPass();
    pass.bind(weights, panels, null);
    pass.withoutDropout();
    pass.batch().takeRows(IDS, IDS, 0, 1, IDS.length);
    float[] logits = new float[IDS.length * transformer.config().vocabularySize()];
    transformer.logits(pass, logits);
    return logits;
  }

  private String python() throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(List.of("python3", SCRIPT.toString(), folder.toString()));
    for (int id : IDS) {
      command.add(String.valueOf(id));
    }
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).isZero();
    return output;
  }

  private static boolean runs(String... command) throws InterruptedException {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor(30, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (IOException e) {
      return false;
    }
  }
}
