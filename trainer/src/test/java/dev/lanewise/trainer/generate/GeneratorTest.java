package dev.lanewise.trainer.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.kernels.KernelSet;
import dev.lanewise.kernels.Precision;
import dev.lanewise.kernels.scalar.ScalarKernels;
import dev.lanewise.kernels.vector.VectorKernels;
import dev.lanewise.model.Decoder;
import dev.lanewise.model.Transformer;
import dev.lanewise.model.memory.WeightPanels;
import dev.lanewise.trainer.fixture.SmallModel;
import dev.lanewise.trainer.text.tokenizer.TokenEncoder;
import dev.lanewise.trainer.text.tokenizer.TokenSink;
import dev.lanewise.trainer.text.tokenizer.Tokenizer;
import dev.lanewise.trainer.text.tokenizer.UnknownCharacterException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** The text is a function of prompt, options and weights, for as long as one likes. */
class GeneratorTest {

  private static final SmallModel MODEL = SmallModel.ofCharacters();
  private static final SamplingOptions SEEDED = SamplingOptions.seeded(42);

  /** In which keys and values are kept. */
  private static final List<Precision> KEPT_IN = List.of(Precision.F32, Precision.BF16);

  private static final WorkerPool POOL = new WorkerPool(1);
  private static final ParameterStore WEIGHTS = MODEL.snapshot(1, 1).weights();

  @AfterAll
  static void close() {
    POOL.close();
  }

  private static Generator generator(KernelSet kernels) {
    return generator(kernels, Precision.F32);
  }

  private static Generator generator(KernelSet kernels, Precision keyValues) {
    return generator(kernels, keyValues, MODEL.tokenizer());
  }

  private static Generator generator(KernelSet kernels, Precision keyValues, Tokenizer tokenizer) {
    Transformer transformer = new Transformer(MODEL.transformer().config(), kernels, 1);
    return new Generator(
        transformer, kernels, WEIGHTS, panels(transformer), keyValues, tokenizer, Set.of(), POOL);
  }

  private static Generator generator() {
    return generator(ScalarKernels.create());
  }

  private static WeightPanels panels(Transformer transformer) {
    WeightPanels panels = transformer.newPanels(false);
    panels.pack(POOL, WEIGHTS);
    return panels;
  }

  @Test
  void sameSeedSameTextWhateverWasGeneratedBefore() {
    Generator generator = generator();
    String text = generator.generate("ab", 40, SEEDED);
    assertThat(text).hasSize(40);
    assertThat(generator.generate("ab", 40, SEEDED)).isEqualTo(text);
    assertThat(generator(VectorKernels.create()).generate("ab", 40, SEEDED)).isEqualTo(text);
    assertThat(generator.generate("ab", 40, SamplingOptions.seeded(43))).isNotEqualTo(text);
    assertThat(generator.generate("ab", 40, SEEDED)).isEqualTo(text);
    assertThat(text).startsWith(generator.generate("ab", 7, SEEDED));
  }

  /** The rule of the full context, spelled out with a fresh decoder for every token. */
  private static String expected(
      String prompt, int tokens, SamplingOptions options, Precision keyValues) {
    List<Integer> all = new ArrayList<>();
    for (int id : MODEL.tokenizer().encode(prompt)) {
      all.add(id);
    }
    int prompted = all.size();
    int first = Math.max(0, prompted - SmallModel.CONTEXT);
    TokenSampler sampler =
        new TokenSampler(ScalarKernels.create(), MODEL.tokenizer().vocabularySize(), options);
    WeightPanels panels = panels(MODEL.transformer());
    StringBuilder text = new StringBuilder();
    while (all.size() < prompted + tokens) {
      if (all.size() - first > SmallModel.CONTEXT) {
        first = all.size() - 1 - SmallModel.CONTEXT / 2;
      }
      Decoder decoder = MODEL.transformer().newDecoder(WEIGHTS, panels, keyValues, POOL);
      float[] logits = null;
      for (int id : all.subList(first, all.size())) {
        logits = decoder.accept(id);
      }
      int next = sampler.sample(logits, 0, all.size());
      all.add(next);
      text.append(MODEL.tokenizer().decode(new int[] {next}));
    }
    return text.toString();
  }

  @Test
  void whenTheContextIsFullTheNewestHalfStays() {
    for (String prompt : List.of("a", "abcd\n", "abcdaa", "ab cd ab cd")) {
      for (SamplingOptions options : List.of(SEEDED, SamplingOptions.greedy())) {
        for (Precision keyValues : KEPT_IN) {
          assertThat(generator(VectorKernels.create(), keyValues).generate(prompt, 30, options))
              .as(prompt)
              .isEqualTo(expected(prompt, 30, options, keyValues));
        }
      }
    }
  }

  @Test
  void anEmptyPromptBeginsALine() {
    assertThat(MODEL.tokenizer().decode(new int[] {Generator.startToken(MODEL.tokenizer())}))
        .isEqualTo("\n");
    assertThat(generator().generate("", 10, SEEDED))
        .isEqualTo(generator().generate("\n", 10, SEEDED));
    SmallModel bytes = SmallModel.ofBytePairs();
    assertThat(bytes.tokenizer().decode(new int[] {Generator.startToken(bytes.tokenizer())}))
        .isEqualTo("\n");
  }

  @Test
  void theStopCheckEndsTheText() {
    List<String> pieces = new ArrayList<>();
    Generator.Result result =
        generator().generate("ab", 1000, SEEDED, () -> pieces.size() >= 5, pieces::add);
    assertThat(result).isEqualTo(new Generator.Result(2, 5, true));
    assertThat(String.join("", pieces)).isEqualTo(generator().generate("ab", 5, SEEDED));
    assertThat(generator().generate("ab", 3, SEEDED, () -> false, pieces::add))
        .isEqualTo(new Generator.Result(2, 3, false));
  }

  @Test
  void aStopBeforeTheFirstTokenGivesNoText() {
    StringBuilder text = new StringBuilder();
    assertThat(generator().generate("ab", 5, SEEDED, () -> true, text::append))
        .isEqualTo(new Generator.Result(2, 0, true));
    assertThat(generator().generate("ab", 0, SEEDED)).isEmpty();
    assertThat(text).isEmpty();
  }

  /** A model of single bytes writes characters in pieces; they arrive whole. */
  @Test
  void piecesAreWholeCharacters() {
    SmallModel bytes = SmallModel.ofBytePairs();
    ParameterStore weights = bytes.snapshot(1, 1).weights();
    WeightPanels panels = bytes.transformer().newPanels(false);
    panels.pack(POOL, weights);
    Generator generator =
        new Generator(
            bytes.transformer(), ScalarKernels.create(), weights, panels, bytes.tokenizer(), POOL);
    List<String> pieces = new ArrayList<>();
    generator.generate("the", 200, SEEDED, () -> false, pieces::add);
    assertThat(pieces).doesNotContain("").hasSizeLessThanOrEqualTo(200);
    assertThat(String.join("", pieces)).isEqualTo(generator.generate("the", 200, SEEDED));
  }

  @Test
  void whatDoesNotFitIsRefused() {
    assertThatThrownBy(() -> generator().generate("xyz", 5, SEEDED))
        .isInstanceOf(UnknownCharacterException.class);
    SmallModel other = SmallModel.ofBytePairs();
    assertThatThrownBy(
            () ->
                new Generator(
                    MODEL.transformer(),
                    ScalarKernels.create(),
                    WEIGHTS,
                    panels(MODEL.transformer()),
                    other.tokenizer(),
                    POOL))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("vocabulary");
  }

  /** With "\r" and a byte order mark as they came, these characters would be unknown. */
  @Test
  void promptsAreCleanedAsTextIs() {
    String text = generator().generate("ab\nc\n", 20, SEEDED);
    assertThat(generator().generate("\uFEFFab\r\nc\r", 20, SEEDED)).isEqualTo(text);
    assertThat(generator().generate("a\u001Bb\u0000\nc\n", 20, SEEDED)).isEqualTo(text);
  }

  private static List<Integer> tokens(Generator generator, int[] prompt, SamplingOptions options) {
    List<Integer> ids = new ArrayList<>();
    Generator.Result result = generator.generateTokens(prompt, 30, options, () -> false, ids::add);
    assertThat(result.tokens()).isEqualTo(ids.size());
    return ids;
  }

  @Test
  void tokensInTokensOut() {
    List<Integer> ids = tokens(generator(), MODEL.tokenizer().encode("ab"), SEEDED);
    String text = MODEL.tokenizer().decode(ids.stream().mapToInt(i -> i).toArray());
    assertThat(text).isEqualTo(generator().generate("ab", 30, SEEDED));
    int beyond = MODEL.tokenizer().vocabularySize();
    assertThatThrownBy(() -> tokens(generator(), new int[] {0, beyond}, SEEDED))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("token id " + beyond);
  }

  private static List<List<Integer>> together(
      Generator generator, int[] prompt, List<SamplingOptions> options) {
    List<List<Integer>> texts = new ArrayList<>();
    options.forEach(each -> texts.add(new ArrayList<>()));
    List<Generator.Result> results =
        generator.generateTokens(
            prompt, 30, options, () -> false, (text, id) -> texts.get(text).add(id));
    for (int i = 0; i < texts.size(); i++) {
      Generator.Result expected =
          new Generator.Result(Math.max(1, prompt.length), texts.get(i).size(), false);
      assertThat(results.get(i)).isEqualTo(expected);
    }
    return texts;
  }

  /** More texts than go side by side, through windows that move, some of which end early. */
  @Test
  void textsSideBySideAreWhatTheyAreAlone() {
    KEPT_IN.forEach(GeneratorTest::assertSideBySideAsAlone);
  }

  private static void assertSideBySideAsAlone(Precision keyValues) {
    int end = tokens(generator(), MODEL.tokenizer().encode("ab"), SEEDED).get(5);
    for (OptionalInt ends : List.of(OptionalInt.empty(), OptionalInt.of(end))) {
      int vocabulary = MODEL.tokenizer().vocabularySize();
      for (String prompt : List.of("ab", "", "abcd abcd abcd")) {
        int[] ids = MODEL.tokenizer().encode(prompt);
        List<SamplingOptions> options = new ArrayList<>(List.of(SamplingOptions.greedy()));
        for (int seed = 0; seed < Generator.MOST_TEXTS + 3; seed++) {
          options.add(new SamplingOptions(1, 0, 1, seed));
        }
        List<List<Integer>> alone =
            options.stream()
                .map(each -> tokens(generator(vocabulary, ends, keyValues), ids, each))
                .toList();
        for (boolean guess : new boolean[] {false, true}) {
          Generator generator = generator(vocabulary, ends, keyValues);
          generator.guessAhead(guess);
          assertThat(together(generator, ids, options)).isEqualTo(alone);
          assertThat(together(generator, ids, options.subList(1, 4)))
              .isEqualTo(alone.subList(1, 4));
        }
        assertThat(alone.stream().anyMatch(text -> text.size() < 30)).isEqualTo(ends.isPresent());
      }
    }
  }

  @Test
  void aStopEndsAllTexts() {
    List<SamplingOptions> options = List.of(SEEDED, SamplingOptions.seeded(1));
    List<Integer> all = new ArrayList<>();
    List<Generator.Result> results =
        generator()
            .generateTokens(
                new int[] {1}, 30, options, () -> all.size() >= 6, (text, id) -> all.add(id));
    assertThat(results).containsOnly(new Generator.Result(1, 3, true));
  }

  /** Guesses that are right, guesses that are wrong, and windows that move meanwhile. */
  @Test
  void guessesDoNotShow() {
    for (Precision keyValues : KEPT_IN) {
      Generator guessing = generator(VectorKernels.create(), keyValues);
      guessing.guessAhead(true);
      for (String prompt : List.of("a", "abab", "ab cd ab cd ab cd")) {
        int[] ids = MODEL.tokenizer().encode(prompt);
        for (int seed = 0; seed < 5; seed++) {
          for (double temperature : new double[] {0, 0.3, 1}) {
            SamplingOptions options = new SamplingOptions(temperature, 0, 1, seed);
            assertThat(tokens(guessing, ids, options))
                .isEqualTo(tokens(generator(ScalarKernels.create(), keyValues), ids, options));
          }
        }
      }
    }
  }

  /** A conversation that grows, goes back, and outgrows the context. */
  @Test
  void whatIsKeptOfTheLastTextDoesNotShow() {
    KEPT_IN.forEach(GeneratorTest::assertKeptDoesNotShow);
  }

  private static void assertKeptDoesNotShow(Precision keyValues) {
    Generator generator = generator(ScalarKernels.create(), keyValues);
    for (String prompt : List.of("ab", "ab c", "ab cd\nab", "ab c", "d", "ab cd ab cd ab cd", "")) {
      int[] ids = MODEL.tokenizer().encode(prompt);
      for (int tokens : new int[] {3, 30}) {
        List<Integer> kept = new ArrayList<>();
        generator.continueTokens(ids, tokens, SEEDED, () -> false, kept::add);
        Generator fresh = generator(ScalarKernels.create(), keyValues);
        assertThat(kept).as(prompt).isEqualTo(tokens(fresh, ids, SEEDED).subList(0, tokens));
      }
    }
  }

  /** A tokenizer of the model's with other ends: a character, and fewer characters. */
  private static Generator generator(int vocabularySize, OptionalInt end) {
    return generator(vocabularySize, end, Precision.F32);
  }

  private static Generator generator(int vocabularySize, OptionalInt end, Precision keyValues) {
    Tokenizer changed =
        new Tokenizer() {
          @Override
          public int vocabularySize() {
            return vocabularySize;
          }

          @Override
          public int[] encode(String text) {
            return MODEL.tokenizer().encode(text);
          }

          @Override
          public TokenEncoder encoder(TokenSink sink) {
            return MODEL.tokenizer().encoder(sink);
          }

          @Override
          public byte[] tokenBytes(int id) {
            return MODEL.tokenizer().tokenBytes(id);
          }

          @Override
          public byte[] decodeBytes(int[] ids, int from, int to) {
            return MODEL.tokenizer().decodeBytes(ids, from, to);
          }

          @Override
          public String fingerprint() {
            return "changed";
          }

          @Override
          public void save(Path folder) throws IOException {
            MODEL.tokenizer().save(folder);
          }

          @Override
          public OptionalInt endToken() {
            return end;
          }
        };
    return generator(ScalarKernels.create(), keyValues, changed);
  }

  @Test
  void theEndTokenEndsTheTextAndIsNotPartOfIt() {
    int[] prompt = MODEL.tokenizer().encode("ab");
    List<Integer> all = tokens(generator(), prompt, SEEDED);
    int end = all.get(10);
    int first = all.indexOf(end);
    Generator ending = generator(MODEL.tokenizer().vocabularySize(), OptionalInt.of(end));
    assertThat(tokens(ending, prompt, SEEDED)).isEqualTo(all.subList(0, first));
  }

  /** Vocabularies are rounded up to multiples of 64; what is beyond has no text. */
  @Test
  void idsThatTheTokenizerDoesNotHaveAreNeverChosen() {
    int[] prompt = MODEL.tokenizer().encode("ab");
    int last = MODEL.tokenizer().vocabularySize() - 1;
    SamplingOptions wild = new SamplingOptions(1000, 0, 1, 5);
    assertThat(tokens(generator(), prompt, wild)).contains(last);
    assertThat(tokens(generator(last, OptionalInt.empty()), prompt, wild)).doesNotContain(last);
  }
}
