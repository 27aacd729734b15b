package dev.lanewise.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.kernels.KernelSet;
import dev.lanewise.kernels.Precision;
import dev.lanewise.kernels.scalar.ScalarKernels;
import dev.lanewise.kernels.vector.VectorKernels;
import dev.lanewise.model.Transformer;
import dev.lanewise.model.family.Families;
import dev.lanewise.model.family.ModelSizes;
import dev.lanewise.model.memory.WeightStorage;
import dev.lanewise.trainer.generate.Generator;
import dev.lanewise.trainer.settings.Preset;
import dev.lanewise.trainer.settings.Settings;
import org.junit.jupiter.api.Test;

/** Memory of eval and generate: that of the weights and of the text, not of the threads. */
class InferenceMemoryTest {

  private static final Transformer GPT2 = gpt2(ScalarKernels.create());

  private static Transformer gpt2(KernelSet kernels) {
    Settings settings = Preset.GPT2_124M.layer().toSettings();
    return new Transformer(settings.model().description(50257).config(), kernels, 4);
  }

  private static final InferenceMemory.Held FLOATS = held(Precision.F32);

  private static InferenceMemory.Held held(Precision weights) {
    return new InferenceMemory.Held(weights, Precision.F32);
  }

  @Test
  void aShortTextTakesLittleOnManyThreads() {
    assertThat(InferenceMemory.ofEvaluation(GPT2, Precision.F32, 1, 64)).isLessThan(3L << 29);
    assertThat(InferenceMemory.ofGeneration(GPT2, FLOATS, 1, 1024, 1)).isLessThan(2L << 30);
  }

  /** What is held once, and in fewer bits where that is asked for: 124 million weights. */
  @Test
  void weightsAreHeldOnce() {
    Settings settings = Preset.GPT2_124M.layer().toSettings();
    Transformer model =
        new Transformer(settings.model().description(50257).config(), VectorKernels.create(), 1, 1);
    long parameters = model.countParameters();
    long most = 100L << 20;
    assertThat(InferenceMemory.ofGeneration(model, FLOATS, 1, 100, 1))
        .isBetween(4 * parameters, 4 * parameters + most);
    assertThat(InferenceMemory.ofGeneration(model, held(Precision.BF16), 1, 100, 1))
        .isBetween(2 * parameters, 2 * parameters + most);
    assertThat(InferenceMemory.ofGeneration(model, held(Precision.INT8), 1, 100, 1))
        .isBetween(parameters, parameters * 17 / 16 + most);
  }

  @Test
  void theAdviceFits() {
    long windows = 10_000;
    long heap = InferenceMemory.ofEvaluation(GPT2, Precision.F32, windows, 3);
    InferenceMemory memory = new InferenceMemory("eval", 8, heap);
    assertThatThrownBy(() -> memory.requireEvaluation(GPT2, Precision.F32, windows))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("on 8 threads", "--threads 3", "./lanewise eval", "-Xmx");
    assertThatCode(
            () ->
                new InferenceMemory("eval", 3, heap)
                    .requireEvaluation(GPT2, Precision.F32, windows))
        .doesNotThrowAnyException();
  }

  @Test
  void whereThreadsDoNotHelpTheyAreNotNamed() {
    InferenceMemory memory = new InferenceMemory("generate", 8, 1 << 20);
    assertThatThrownBy(() -> memory.requireGeneration(GPT2, FLOATS, 1, 1024))
        .hasMessageContaining("./lanewise generate")
        .hasMessageNotContaining("--threads");
  }

  @Test
  void fewerTextsAndFewerBitsAreAdvisedWhereTheyFit() {
    Transformer model = gpt2(VectorKernels.create());
    long tokens = 1024;
    long heap = InferenceMemory.ofGeneration(model, FLOATS, 6, tokens, 1);
    InferenceMemory memory = new InferenceMemory("generate", 1, heap);
    assertThatThrownBy(() -> memory.requireGeneration(model, FLOATS, 8, tokens))
        .hasMessageEndingWith(
            "take less with --samples 6, or --kv-cache bf16, which rounds keys and values, or"
                + " --weights bf16, which rounds them.");
    assertThatCode(() -> memory.requireGeneration(model, FLOATS, 6, tokens))
        .doesNotThrowAnyException();
    assertThatCode(() -> memory.requireGeneration(model, held(Precision.BF16), 8, tokens))
        .doesNotThrowAnyException();
  }

  /** Half the bytes, and what widens them; with scalar kernels they are rounded floats. */
  @Test
  void keysAndValuesInSixteenBitsTakeHalf() {
    InferenceMemory.Held halves = new InferenceMemory.Held(Precision.F32, Precision.BF16);
    Transformer model = gpt2(VectorKernels.create());
    long exact = InferenceMemory.ofGeneration(model, FLOATS, 8, 1024, 2);
    long saved = exact - InferenceMemory.ofGeneration(model, halves, 8, 1024, 2);
    long half = 8L * (12 + 1) * 2 * 768 * 1024 * 2;
    assertThat(saved).isBetween(half * 95 / 100, half);
    assertThat(InferenceMemory.ofGeneration(GPT2, halves, 8, 1024, 2))
        .isEqualTo(InferenceMemory.ofGeneration(GPT2, FLOATS, 8, 1024, 2));

    InferenceMemory memory = new InferenceMemory("generate", 2, exact - saved);
    assertThatThrownBy(() -> memory.requireGeneration(model, FLOATS, 8, 1024))
        .hasMessageContaining("--kv-cache bf16");
    assertThatCode(() -> memory.requireGeneration(model, halves, 8, 1024))
        .doesNotThrowAnyException();
    InferenceMemory less = new InferenceMemory("generate", 2, exact - saved - 1);
    assertThatThrownBy(() -> less.requireGeneration(model, halves, 8, 1024))
        .hasMessageNotContaining("--kv-cache");
  }

  @Test
  void onlyWhatIsCoarserIsAdvised() {
    Transformer model = gpt2(VectorKernels.create());
    InferenceMemory.Held least = new InferenceMemory.Held(Precision.INT8, Precision.BF16);
    InferenceMemory.Held more = new InferenceMemory.Held(Precision.F16, Precision.BF16);
    long heap = InferenceMemory.ofGeneration(model, least, 1, 10, 1);
    InferenceMemory memory = new InferenceMemory("generate", 1, heap);
    assertThatThrownBy(() -> memory.requireGeneration(model, more, 1, 10))
        .hasMessageEndingWith("take less with --weights int8, which rounds them.");
    InferenceMemory less = new InferenceMemory("generate", 1, heap - 1);
    assertThatThrownBy(() -> less.requireGeneration(model, least, 1, 10))
        .hasMessageNotContaining("take less");
  }

  @Test
  void queryHeadsThatShareAKeyTakeNoCachesOfTheirOwn() {
    long own = generation(llama(8), 4096) - weights(llama(8));
    long shared = generation(llama(2), 4096) - weights(llama(2));
    // 2 layers, keys and values of 4096 positions, 6 heads of 16 floats fewer; one layer twice, as
    // it grows, and the rows of a pass, which lie in whole cache lines.
    long rows = llama(8).passes().decodingRows();
    long bytes = Float.BYTES * ((2 + 1) * 4096 + rows) * 2 * 6 * 16;
    assertThat(own - shared).isBetween(bytes - 256, bytes + 256);
  }

  @Test
  void headsMayBeWiderThanTheModel() {
    Transformer wide = llama(8, 64);
    long caches = 2L * 2 * 4096 * 8 * 64 * Float.BYTES;
    assertThat(generation(wide, 4096) - weights(wide)).isGreaterThan(caches);
  }

  private static long generation(Transformer model, long tokens) {
    return InferenceMemory.ofGeneration(model, FLOATS, 1, tokens, 1);
  }

  /** Each text has keys and values of its own, as many as go side by side. */
  @Test
  void textsSideBySideTakeMemoryEach() {
    long one = generation(GPT2, 1024);
    long token = 12L * 2 * 768 * Float.BYTES;
    assertThat(InferenceMemory.ofGeneration(GPT2, FLOATS, 8, 1024, 1) - one)
        .isBetween(7 * 1024 * token, 8 * 1024 * token);
    assertThat(InferenceMemory.ofGeneration(GPT2, FLOATS, 1000, 1024, 1))
        .isEqualTo(InferenceMemory.ofGeneration(GPT2, FLOATS, Generator.MOST_TEXTS, 1024, 1));
  }

  /** A long context costs what is written in it. */
  @Test
  void whatIsNotWrittenTakesNoMemory() {
    Transformer model = llama(8);
    long all = generation(model, 1L << 40);
    long some = generation(model, 500);

    assertThat(all).isEqualTo(generation(model, 5000));
    // A window that moves is computed beside the text.
    assertThat(all).isGreaterThan(generation(model, 4096));
    // Caches grow by halves, and there are two layers and one that grows. A pass has its rows.
    long token = 3L * 2 * 8 * 16 * Float.BYTES;
    assertThat(some - weights(model)).isLessThan((66L << 20) + 3 * 500 * token / 2);
    assertThat(all - some).isGreaterThan((4096 - 750) * token);
  }

  private static long weights(Transformer transformer) {
    return transformer.weightBytes(false, WeightStorage.packedIn(Precision.F32));
  }

  private static Transformer llama(int keyValueHeads) {
    return llama(keyValueHeads, 16);
  }

  private static Transformer llama(int keyValueHeads, int headSize) {
    ModelSizes sizes =
        new ModelSizes(100, 4096, 128, 8, keyValueHeads, headSize, 2, 256, false, true, 0, 10_000);
    return new Transformer(
        Families.STANDARD.named("llama").choose(sizes), ScalarKernels.create(), 1);
  }
}
