package dev.lanewise.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.engine.parallel.Team;
import dev.lanewise.engine.tensor.Activation;
import dev.lanewise.engine.tensor.MemoryPlan.Use;
import dev.lanewise.kernels.KernelSet;
import dev.lanewise.kernels.scalar.ScalarKernels;
import dev.lanewise.kernels.vector.VectorKernels;
import dev.lanewise.model.family.Families;
import dev.lanewise.model.memory.Adaptation;
import dev.lanewise.model.memory.Pass;
import dev.lanewise.model.memory.PassPlan;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Blocks that backward runs again, in the memory of one, have the bits of those kept. */
class RecomputingTest {

  private static final int SEQUENCES = 3;

  static Stream<TransformerConfig> examples() {
    return Families.STANDARD.all().stream()
        .flatMap(family -> family.examples(0.2f).stream())
        .distinct();
  }

  @ParameterizedTest
  @MethodSource("examples")
  @Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void everyFamilyHasTheBitsOfTraining(TransformerConfig config) {
    int time = config.contextLength();
    for (KernelSet kernels : new KernelSet[] {VectorKernels.create(), ScalarKernels.create()}) {
      TestModel model = new TestModel(config, kernels, SEQUENCES);
      Outcome kept = model.outcome(1, time);

      for (int members : new int[] {1, 3}) {
        model.outcome(Use.RECOMPUTING, members, time).assertSameAs(kept);
      }
    }
  }

  /** Five blocks, and what a team could overwrite that others still read. */
  @ParameterizedTest
  @CsvSource({"2, 13, 0.1, true", "3, 70, 0, true", "4, 13, 0.2, false", "7, 1, 0.1, false"})
  @Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void aTeamHasThemToo(int members, int time, float dropout, boolean keepingProbabilities) {
    TransformerConfig config = TestModel.gpt2(67, time, 36, 3, 5, 90, true, true, dropout);
    int longestKept = keepingProbabilities ? Integer.MAX_VALUE : 0;
    TestModel model =
        new TestModel(
            new Transformer(
                config,
                VectorKernels.create(),
                SEQUENCES,
                time,
                name -> true,
                Adaptation.NONE,
                longestKept));
    Outcome kept = model.outcome(1, time);

    for (int times = 0; times < 10; times++) {
      model.outcome(Use.RECOMPUTING, members, time).assertSameAs(kept);
    }
  }

  /** Another block adds its output, and nothing else. */
  @Test
  void aBlockTakesTheMemoryOfItsOutput() {
    int width = 36;
    int time = 64;
    long output = (long) Float.BYTES * SEQUENCES * time * width;
    long four = bytes(Use.RECOMPUTING, width, time, 4);

    assertThat(bytes(Use.RECOMPUTING, width, time, 10)).isEqualTo(four + 6 * output);
    assertThat(bytes(Use.RECOMPUTING, width, time, 1))
        .isEqualTo(bytes(Use.TRAINING, width, time, 1));
    long ofProducts = (long) Float.BYTES * VectorKernels.create().matmul().scratchFloats();
    assertThat(bytes(Use.RECOMPUTING, width, time, 10) - ofProducts)
        .isLessThan((bytes(Use.TRAINING, width, time, 10) - ofProducts) / 4);
  }

  private static long bytes(Use use, int width, int time, int layers) {
    TransformerConfig config = TestModel.gpt2(67, time, width, 3, layers, 90, true, true, 0);
    PassPlan plan = new Transformer(config, VectorKernels.create(), SEQUENCES).passes();
    return plan.bytes(use, SEQUENCES, 1, 1);
  }

  /** Each is looked at while it is there, whether or not other blocks will use its place. */
  @Test
  void resultsAreSeenInOrder() {
    TransformerConfig config = TestModel.config(true, true, 0);
    TestModel model = new TestModel(config, VectorKernels.create(), SEQUENCES);
    List<List<Float>> firsts = new ArrayList<>();
    for (Use use : Use.values()) {
      Pass pass = model.transformer.newPasses(use, Team.alone())[0];
      pass.bind(model.weights, model.panels, null);
      pass.batch().takeWindows(model.randomWindows(1, 13), 0, 1, 13);
      List<Activation> seen = new ArrayList<>();
      List<Float> first = new ArrayList<>();
      assertThat(
              model.transformer.firstResult(
                  pass,
                  result -> {
                    seen.add(result);
                    first.add(pass.view(result).data()[pass.view(result).offset()]);
                    return false;
                  }))
          .isEmpty();
      assertThat(seen).isEqualTo(model.transformer.results());
      firsts.add(first);
      Activation third = model.transformer.results().get(2);
      assertThat(model.transformer.firstResult(pass, third::equals)).contains(third);
    }
    assertThat(firsts).containsOnly(firsts.getFirst());
  }
}
