package dev.lanewise.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.engine.tensor.MemoryPlan.Use;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.kernels.KernelSet;
import dev.lanewise.kernels.Precision;
import dev.lanewise.kernels.scalar.ScalarKernels;
import dev.lanewise.kernels.vector.VectorKernels;
import dev.lanewise.model.Transformer;
import dev.lanewise.model.family.AdapterConfig;
import dev.lanewise.model.family.ModelDescription;
import dev.lanewise.model.memory.WeightStorage;
import dev.lanewise.trainer.optim.Optimizers;
import dev.lanewise.trainer.optim.Schedules;
import dev.lanewise.trainer.run.CheckpointFailurePolicy;
import dev.lanewise.trainer.run.NonFinitePolicy;
import dev.lanewise.trainer.run.RunMemory;
import dev.lanewise.trainer.run.TrainingRun;
import dev.lanewise.trainer.settings.ConfigKey;
import dev.lanewise.trainer.settings.Preset;
import dev.lanewise.trainer.settings.Settings;
import dev.lanewise.trainer.step.StepCosts;
import dev.lanewise.trainer.step.Trainer;
import dev.lanewise.trainer.step.TrainerParts;
import dev.lanewise.trainer.text.TextSource;
import dev.lanewise.trainer.text.tokenizer.bytepair.BytePairTokenizer;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MemoryEstimateTest {
  private static final KernelSet KERNELS = ScalarKernels.create();
  private static final RunMemory NO_COPY = new RunMemory(Use.TRAINING, false);

  private static Settings shards(int shards) {
    return Preset.GPT2_124M.layer().with(ConfigKey.SHARDS, shards).toSettings();
  }

  private static Transformer transformer(Settings config) {
    return new Transformer(
        config.model().description(config.text().vocabulary()).config(),
        KERNELS,
        Trainer.sequencesPerPass(config));
  }

  private static long bytes(Settings config, int threads) {
    return bytes(config, threads, RunMemory.AMPLE);
  }

  private static long bytes(Settings config, int threads, RunMemory memory) {
    return new MemoryEstimate(config, threads, 0, Recompute.AUTO)
        .bytes(transformer(config), WeightStorage.STORED, memory, 0);
  }

  private static RunMemory choose(Settings config, long heap, Recompute recompute) {
    return new MemoryEstimate(config, 2, heap, recompute)
        .choose(transformer(config), WeightStorage.STORED, 0);
  }

  @Test
  void everyShardTakesGradientsOfItsOwn() {
    long parameters = transformer(shards(1)).countParameters();

    assertThat(parameters).isBetween(124_000_000L, 125_000_000L);
    assertThat(bytes(shards(3), 1) - bytes(shards(2), 1)).isEqualTo(4 * parameters);
  }

  private static Transformer adapted(Settings config, KernelSet kernels) {
    ModelDescription model = config.model().description(config.text().vocabulary());
    List<String> targets = AdapterConfig.allTargets(model);
    return new Transformer(
        model.config(),
        kernels,
        Trainer.sequencesPerPass(config),
        config.model().context(),
        new AdapterConfig(8, 16, 0, targets, "").adaptation(model));
  }

  @Test
  void whatStaysAsItIsTakesNoGradientsAndNoOptimizerState() {
    Settings config = shards(1);
    Transformer adapted = adapted(config, KERNELS);
    long adapter =
        new MemoryEstimate(config, 1, 0, Recompute.AUTO)
            .bytes(adapted, WeightStorage.STORED, RunMemory.AMPLE, 0);

    // Gradients, two moments, and a copy of these and of the weights; and what is computed again.
    long spared = 4L * (1 + 2 + 2 + 1) * transformer(config).countParameters();
    long activations =
        new StepCosts(config, transformer(config)).activationBytes(Use.TRAINING, 1)
            - new StepCosts(config, adapted).activationBytes(Use.TRAINING, 1);
    assertThat(activations).isPositive();
    assertThat(bytes(config, 1) - adapter - activations).isBetween(spared - spared / 20, spared);
  }

  /** No floats of its matrices besides one form of panels, and half of the bytes in these. */
  @Test
  void whatStaysAsItIsTakesThePrecisionOfItsFile() {
    Settings config = shards(1);
    Transformer adapted = adapted(config, VectorKernels.create());
    MemoryEstimate memory = new MemoryEstimate(config, 1, 0, Recompute.AUTO);
    long stored = memory.bytes(adapted, WeightStorage.STORED, RunMemory.AMPLE, 0);
    long floats = memory.bytes(adapted, held(Precision.F32), RunMemory.AMPLE, 0);
    long halves = memory.bytes(adapted, held(Precision.BF16), RunMemory.AMPLE, 0);

    long panels = adapted.panelBytes(false);
    assertThat(floats).isLessThan(stored);
    assertThat(floats - halves).isGreaterThan(panels * 2 / 5);
    // Without a packed copy, the store of them as they lie is as large as panels are.
    assertThat(stored - halves).isGreaterThan(panels * 3 / 4);
  }

  private static WeightStorage held(Precision precision) {
    return WeightStorage.ofFrozen(WeightStorage.packedIn(precision));
  }

  @Test
  void everyThreadTakesActivationsOfItsOwn() {
    Settings config = shards(4);

    assertThat(bytes(config, 4) - bytes(config, 3)).isPositive();
    assertThat(bytes(config, 1)).isGreaterThan(10 * 4 * transformer(config).countParameters());
  }

  @Test
  void whatDoesNotFitIsRefusedWithTheFlagThatWouldDo() {
    Settings config = shards(2);
    long needed = bytes(config, 2, NO_COPY);

    assertThat(choose(config, needed, Recompute.OFF)).isEqualTo(NO_COPY);
    assertThatThrownBy(() -> choose(config, needed - 1, Recompute.OFF))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(flag(needed), "less with --recompute on, --shards");
  }

  private static String flag(long needed) {
    return "-Xmx%dg".formatted((long) Math.ceil(needed * 1.15 / (1L << 30)));
  }

  @Test
  void activationsAreComputedAgainWhenTheHeapWouldNotDo() {
    Settings config = shards(2);
    RunMemory recomputing = new RunMemory(Use.RECOMPUTING, true);
    RunMemory least = new RunMemory(Use.RECOMPUTING, false);
    long kept = bytes(config, 2, NO_COPY);
    long again = bytes(config, 2, least);

    assertThat(again).isLessThan(kept - 1_000_000_000L);
    assertThat(choose(config, kept, Recompute.AUTO)).isEqualTo(NO_COPY);
    assertThat(choose(config, kept - 1, Recompute.AUTO).activations()).isEqualTo(Use.RECOMPUTING);
    assertThat(choose(config, again, Recompute.AUTO)).isEqualTo(least);
    assertThat(choose(config, bytes(config, 2), Recompute.ON)).isEqualTo(recomputing);
    for (Recompute recompute : new Recompute[] {Recompute.AUTO, Recompute.ON}) {
      assertThatThrownBy(() -> choose(config, again - 1, recompute))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll(flag(again), "less with --shards");
    }
  }

  /** Weights and two moments: what a checkpoint is made of. */
  @Test
  void trainingWaitsForCheckpointsBeforeItComputesActivationsAgain() {
    Settings config = shards(2);
    long ample = bytes(config, 2);

    assertThat(ample - bytes(config, 2, NO_COPY))
        .isEqualTo(3 * 4 * transformer(config).countParameters());
    assertThat(choose(config, ample, Recompute.AUTO)).isEqualTo(RunMemory.AMPLE);
    assertThat(choose(config, ample - 1, Recompute.AUTO)).isEqualTo(NO_COPY);
  }

  /** A context of which a sample fills little costs little. */
  @Test
  void aSampleTakesTheMemoryOfItsText() {
    long none = bytes(sampling(0), 1);
    Transformer transformer = transformer(sampling(0));

    assertThat(bytes(sampling(300), 1) - none)
        .isEqualTo(transformer.passes().decodingBytes(1, 304, Precision.F32, 1))
        .isLessThan(transformer.passes().decodingBytes(1, 1024, Precision.F32, 1) / 2);
    assertThat(bytes(sampling(1020), 1) - none)
        .isEqualTo(transformer.passes().decodingBytes(1, 1024, Precision.F32, 1));
    // A window that moves is computed beside the text.
    assertThat(bytes(sampling(5000), 1) - none)
        .isEqualTo(transformer.passes().decodingBytes(2, 1024, Precision.F32, 1));
  }

  private static Settings sampling(int tokens) {
    return Preset.GPT2_124M
        .layer()
        .with(ConfigKey.PROMPT, "Once")
        .with(ConfigKey.SAMPLE_TOKENS, tokens)
        .toSettings();
  }

  /** More layers than an array holds the activations of. */
  @Test
  void anArrayThatIsTooSmallIsReasonEnough() {
    Settings config =
        Preset.CHAPTER
            .layer()
            .with(ConfigKey.LAYERS, 400)
            .with(ConfigKey.CONTEXT, 8192)
            .with(ConfigKey.D_MODEL, 64)
            .with(ConfigKey.HEADS, 2)
            .with(ConfigKey.D_FF, 512)
            .toSettings();

    assertThatThrownBy(() -> choose(config, 1L << 40, Recompute.OFF))
        .hasMessageContaining("more than an array holds");
    assertThat(choose(config, 1L << 40, Recompute.AUTO))
        .isEqualTo(new RunMemory(Use.RECOMPUTING, true));
  }

  @Test
  void theRunIsToldInOneLine() {
    Settings config = shards(2);
    long heap = bytes(config, 2, NO_COPY) - 1;
    StringWriter out = new StringWriter();
    PrintWriter writer = new PrintWriter(out);
    try (Display display =
        new LineDisplay(new TextDisplay.Streams(writer, writer, true), System::nanoTime)) {
      MemoryEstimate memory = new MemoryEstimate(config, 2, heap, Recompute.AUTO);
      new WatchedRun(display, memory, "here").choose(transformer(config), WeightStorage.STORED, 0);
    }

    assertThat(out.toString().lines())
        .singleElement()
        .asString()
        .contains(
            "memory   about ",
            "computed again in backward",
            "because the heap may grow to " + Amounts.bytes(heap));
  }

  @Test
  void tokensOfAStepAndLossesOfAnEvaluationCount() {
    Settings config = shards(2);
    Settings twice =
        Preset.GPT2_124M
            .layer()
            .with(ConfigKey.SHARDS, 2)
            .with(ConfigKey.ACCUMULATION, 1001)
            .toSettings();
    Transformer transformer = transformer(config);

    assertThat(bytes(twice, 1) - bytes(config, 1)).isEqualTo(1000L * 4 * 4 * 1025);
    assertThat(
            new MemoryEstimate(config, 1, 0, Recompute.AUTO)
                    .bytes(transformer, WeightStorage.STORED, RunMemory.AMPLE, 1024L << 20)
                - bytes(config, 1))
        .isEqualTo(8L << 20);
  }

  @Test
  void panelsAreAsLargeAsTheyAreAllocated() {
    Settings config = shakespeare();
    Transformer transformer = transformer(config);
    long width = KERNELS.matmul().columnUnit();
    assertThat(width).isLessThanOrEqualTo(64);

    // All matrices but the positions, forward and backward; the head's 65 columns are rounded up.
    long matrices = transformer.countParameters() - 64 * 128 - 9 * 128;
    long rounded = 128 * (Math.ceilDiv(65, width) * width - 65);
    // Each of the 17 matrices begins at a cache line.
    long padding = 17 * 64;
    assertThat(transformer.panelBytes(true))
        .isBetween(4 * (2 * matrices + rounded), 4 * (2 * matrices + rounded) + 2 * padding);
    assertThat(transformer.panelBytes(false))
        .isBetween(4 * (matrices + rounded), 4 * (matrices + rounded) + padding);
  }

  /** Of a few shards with accumulation, and with a table that is smaller than a step. */
  @Test
  void tablesTakeWhatIsAllocatedForThem() {
    Settings with = tables("2:300,3:16384,4:65536");
    Settings without = tables("");
    // Once before, so that what classes take is not counted.
    allocated(with);
    long allocated = allocated(with) - allocated(without);
    long estimated = bytes(with, 1, NO_COPY) - bytes(without, 1, NO_COPY);
    assertThat(allocated).isGreaterThan(100L << 20);
    assertThat((double) allocated).isBetween(0.97 * estimated, 1.01 * estimated);

    long state = bytes(with, 1) - bytes(with, 1, NO_COPY) - bytes(without, 1);
    state += bytes(without, 1, NO_COPY);
    // Weights, two moments and what moves; a step's number for each row.
    long rows = 300 + 16384 + 65536;
    assertThat(state).isEqualTo(4 * (rows * (4L * 128 + 2)));
  }

  private static Settings tables(String ngrams) {
    return Preset.SHAKESPEARE_FAST
        .layer()
        .with(ConfigKey.NGRAMS, ngrams)
        .with(ConfigKey.ACCUMULATION, 2)
        .with(ConfigKey.SHARDS, 3)
        .toSettings();
  }

  private static long allocated(Settings config) {
    Transformer transformer = transformer(config);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    try (WorkerPool pool = new WorkerPool(1)) {
      long before = threads.getCurrentThreadAllocatedBytes();
      Trainer trainer =
          new Trainer(
              TrainerParts.of(
                  config, transformer, KERNELS, pool, new ParameterStore(transformer.layout())));
      assertThat(trainer.loss()).isZero();
      return threads.getCurrentThreadAllocatedBytes() - before;
    }
  }

  private static Settings shakespeare() {
    return Preset.SHAKESPEARE_CHAR.layer().toSettings();
  }

  private static int before(Settings settings) {
    return new MemoryEstimate(settings, 1, 0, Recompute.AUTO).vocabularyBeforeTheText();
  }

  @Test
  void theVocabularyIsTheTokenizersOwn() {
    Settings gpt2 = Preset.CHAPTER.layer().with(ConfigKey.TOKENIZER, "gpt2").toSettings();

    assertThat(before(gpt2)).isEqualTo(BytePairTokenizer.gpt2().vocabularySize());
    assertThat(before(shakespeare())).isEqualTo(1);
    assertThat(before(Preset.CHAPTER.layer().toSettings())).isEqualTo(5000);
  }

  @Test
  void anAlphabetThatTurnsOutLargeIsRefusedBeforeItTakesMemory(@TempDir Path folder) {
    Settings config = shakespeare();
    long enoughForLatin = 120L << 20;
    MemoryEstimate memory = new MemoryEstimate(config, 1, enoughForLatin, Recompute.AUTO);
    memory.requireFits(KERNELS, memory.vocabularyBeforeTheText());
    String text =
        IntStream.range(0x4e00, 0x4e00 + 9999)
            .mapToObj(Character::toString)
            .collect(Collectors.joining("", "", "\n"));
    PrintWriter nowhere = new PrintWriter(new StringWriter());
    TrainingRun.Options options =
        new TrainingRun.Options(
            config,
            folder,
            TextSource.of("text", text),
            1,
            KERNELS,
            Optimizers.STANDARD,
            Schedules.STANDARD,
            false,
            NonFinitePolicy.STOP,
            CheckpointFailurePolicy.STOP);
    try (Display display =
        new LineDisplay(new TextDisplay.Streams(nowhere, nowhere, true), System::nanoTime)) {
      WatchedRun watched = new WatchedRun(display, memory, "here");
      assertThatThrownBy(() -> new TrainingRun(options, watched).withMemory(watched).run())
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("vocabulary of 10000", "-Xmx");
    }
  }
}
