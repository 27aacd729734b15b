package dev.lanewise.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.engine.tensor.FloatTensor;
import dev.lanewise.engine.tensor.MemoryPlan.Use;
import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.kernels.KernelSet;
import dev.lanewise.kernels.scalar.ScalarKernels;
import dev.lanewise.kernels.vector.VectorKernels;
import dev.lanewise.model.check.GradientCheck;
import dev.lanewise.model.family.AdapterConfig;
import dev.lanewise.model.family.Families;
import dev.lanewise.model.family.Family;
import dev.lanewise.model.family.ModelDescription;
import dev.lanewise.model.memory.Adaptation;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is added to weights: gradients by the float64 reference, and bits by who computes them. */
class LowRankAdapterTest {

  private static final KernelSet VECTOR = VectorKernels.create();
  private static final int RANK = 3;

  /** Families that differ in names alone have the same examples. */
  static List<ModelDescription> models() {
    Map<TransformerConfig, ModelDescription> models = new LinkedHashMap<>();
    for (Family family : Families.STANDARD.all()) {
      for (TransformerConfig config : family.examples(0.1f)) {
        models.putIfAbsent(config, new ModelDescription(family, config));
      }
    }
    return List.copyOf(models.values());
  }

  private static Adaptation all(ModelDescription model, double dropout) {
    List<String> targets = AdapterConfig.allTargets(model);
    return new AdapterConfig(RANK, 5, dropout, targets, "").adaptation(model);
  }

  private static Transformer transformer(
      ModelDescription model, Adaptation adaptation, KernelSet kernels) {
    return new Transformer(model.config(), kernels, 3, model.config().contextLength(), adaptation);
  }

  @ParameterizedTest
  @MethodSource("models")
  void backwardAgreesWithDifferencesOfTheReference(ModelDescription model) {
    Adaptation adaptation = all(model, 0.2);
    GradientCheck.Report report =
        GradientCheck.runAdapted(model.config(), adaptation, VECTOR, Use.TRAINING, 1);

    assertThat(report.results()).allSatisfy(LowRankAdapterTest::assertSound);
    assertThat(report.loss()).isCloseTo(report.referenceLoss(), within(1e-6));
    long parts = adaptation.targets().values().stream().mapToLong(List::size).sum();
    assertThat(report.results()).hasSize((int) parts + adaptation.targets().size());
  }

  /** As PEFT has it: one for each matrix, though several of them are one product here. */
  @ParameterizedTest
  @MethodSource("models")
  void everyMatrixHasAMaskOfItsOwn(ModelDescription model) {
    Adaptation adaptation = all(model, 0.2);
    List<Adaptation.Part> parts = adaptation.parts(transformer(model, adaptation, VECTOR).layout());
    assertThat(parts)
        .extracting(part -> Adaptation.dropoutStream(part.down(), part.part()))
        .isNotEmpty()
        .doesNotHaveDuplicates();
  }

  private static void assertSound(GradientCheck.Result result) {
    // An element of a gradient that is far below the others is rounded as they are.
    double error = Math.abs(result.analytic() - result.numeric());
    boolean sound = result.passed() || error <= 3e-6 * result.largest();
    assertThat(sound).as(result.toString()).isTrue();
    assertThat(result.largest()).as("gradients of " + result.name()).isGreaterThan(1e-4);
  }

  @ParameterizedTest
  @MethodSource("models")
  void bitsDoNotDependOnWhoComputes(ModelDescription model) {
    Adaptation adaptation = all(model, 0.2);
    int time = model.config().contextLength();
    Outcome expected = new TestModel(transformer(model, adaptation, VECTOR)).outcome(1, time);
    for (int members : new int[] {2, 3}) {
      new TestModel(transformer(model, adaptation, VECTOR))
          .outcome(members, time)
          .assertSameAs(expected);
    }
    new TestModel(transformer(model, adaptation, VECTOR))
        .outcome(Use.RECOMPUTING, 2, time)
        .assertSameAs(expected);
    new TestModel(transformer(model, adaptation, ScalarKernels.create()))
        .outcome(1, time)
        .assertSameAs(expected);
  }

  @ParameterizedTest
  @MethodSource("models")
  void aDecoderComputesTheSame(ModelDescription model) {
    TestModel subject = new TestModel(transformer(model, all(model, 0), VECTOR));
    subject.pass.withoutDropout();
    int time = model.config().contextLength();
    int[] ids = subject.randomWindows(1, time);
    try (WorkerPool pool = new WorkerPool(2)) {
      assertThat(subject.decode(ids, time, pool)).isDeepEqualTo(subject.wholePasses(ids, time));
    }
  }

  /** Before its first step an adapter changes nothing, and B alone has a gradient. */
  @Test
  void beginsAsNothing() {
    ModelDescription model = models().getFirst();
    Transformer adapted = transformer(model, all(model, 0), VECTOR);
    TestModel subject = new TestModel(adapted);
    TestModel plain = new TestModel(transformer(model, Adaptation.NONE, VECTOR));
    for (Parameter parameter : plain.weights.parameters()) {
      FloatTensor from = plain.weights.tensor(parameter);
      FloatTensor to = subject.weights.tensor(parameter.name());
      System.arraycopy(from.data(), from.offset(), to.data(), to.offset(), from.size());
    }
    adapted.initializeAdapters(subject.weights, 7);
    ParameterStore again = new ParameterStore(adapted.layout());
    again.initialize(7);
    try (WorkerPool pool = new WorkerPool(1)) {
      subject.panels.pack(pool, subject.weights);
      plain.panels.pack(pool, plain.weights);
    }
    int[] windows = subject.randomWindows(2, 5);
    double[] losses =
        Stream.of(subject, plain)
            .mapToDouble(
                each -> {
                  each.bind();
                  each.pass.batch().takeWindows(windows, 0, 2, 5);
                  each.pass.withoutDropout();
                  return each.transformer.lossAndGradients(each.pass, 0.1f);
                })
            .toArray();
    assertThat(losses[0]).isEqualTo(losses[1]);
    for (Parameter parameter : adapted.layout().trainable()) {
      boolean down = parameter.name().endsWith(".lora_a");
      float[] gradient = subject.gradients.tensor(parameter).toArray();
      float[] first = subject.weights.tensor(parameter).toArray();
      assertThat(first).isEqualTo(again.tensor(parameter).toArray());
      float bound = (float) (1 / Math.sqrt(parameter.shape().dimension(0)));
      for (int i = 0; i < first.length; i++) {
        assertThat(Math.abs(first[i])).isLessThanOrEqualTo(down ? bound : 0f);
        assertThat(gradient[i] == 0).as(parameter.name()).isEqualTo(down);
      }
    }
  }

  /** Some matrices only: queries and values, of which the product with keys is left alone. */
  @Test
  void someColumnsOfAWeight() {
    ModelDescription model =
        models().stream()
            .filter(each -> each.family().modelType().equals("llama"))
            .findFirst()
            .orElseThrow();
    Adaptation adaptation =
        new AdapterConfig(RANK, 6, 0.1, List.of("q_proj", "self_attn.v_proj"), "")
            .adaptation(model);
    assertThat(adaptation.targets().keySet())
        .containsExactly("layers.0.attention.qkv.weight", "layers.1.attention.qkv.weight");
    GradientCheck.Report report =
        GradientCheck.runAdapted(model.config(), adaptation, VECTOR, Use.TRAINING, 2);
    assertThat(report.passed()).isTrue();
    assertThat(report.results()).hasSize(6);
    assertThat(report.loss()).isCloseTo(report.referenceLoss(), within(1e-6));
    int time = model.config().contextLength();
    Outcome expected = new TestModel(transformer(model, adaptation, VECTOR)).outcome(1, time);
    new TestModel(transformer(model, adaptation, VECTOR)).outcome(3, time).assertSameAs(expected);
  }
}
