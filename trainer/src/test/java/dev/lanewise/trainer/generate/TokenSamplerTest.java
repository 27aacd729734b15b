package dev.lanewise.trainer.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lanewise.kernels.scalar.ScalarKernels;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which tokens may be drawn, how often, and that the draw is a function of the seed. */
class TokenSamplerTest {

  private static final int DRAWS = 40;

  private static TokenSampler sampler(float[] logits, SamplingOptions options) {
    return new TokenSampler(ScalarKernels.create(), logits.length, options);
  }

  private static Set<Integer> drawn(float[] logits, SamplingOptions options, int draws) {
    TokenSampler sampler = sampler(logits, options);
    Set<Integer> ids = new HashSet<>();
    for (int position = 0; position < draws; position++) {
      ids.add(sampler.sample(logits, 0, position));
    }
    return ids;
  }

  /** All ids, the most probable first, equal ones by id: written independently of the sampler. */
  private static List<Integer> ranking(float[] logits) {
    return IntStream.range(0, logits.length)
        .boxed()
        .sorted(
            Comparator.comparingDouble((Integer id) -> -logits[id])
                .thenComparing(Comparator.naturalOrder()))
        .toList();
  }

  private static double[] probabilities(float[] logits, double temperature) {
    double max = IntStream.range(0, logits.length).mapToDouble(i -> logits[i]).max().orElseThrow();
    double[] p =
        IntStream.range(0, logits.length)
            .mapToDouble(i -> Math.exp((logits[i] - max) / temperature))
            .toArray();
    double sum = IntStream.range(0, p.length).mapToDouble(i -> p[i]).sum();
    return IntStream.range(0, p.length).mapToDouble(i -> p[i] / sum).toArray();
  }

  /** Few different values, so that there are ties; far enough apart to tell them apart. */
  @Provide
  Arbitrary<float[]> logits() {
    return Arbitraries.integers()
        .between(-6, 6)
        .map(i -> i * 0.75f)
        .array(Float[].class)
        .ofMinSize(1)
        .ofMaxSize(70)
        .map(
            boxed -> {
              float[] logits = new float[boxed.length];
              for (int i = 0; i < logits.length; i++) {
                logits[i] = boxed[i];
              }
              return logits;
            });
  }

  @Property(tries = 200)
  void greedyTakesTheFirstOfTheMostProbable(@ForAll("logits") float[] logits) {
    assertThat(drawn(logits, SamplingOptions.greedy(), 3)).containsExactly(ranking(logits).get(0));
  }

  @Property(tries = 200)
  void topOneIsGreedy(
      @ForAll("logits") float[] logits,
      @ForAll @DoubleRange(min = 0.1, max = 5) double temperature) {
    assertThat(drawn(logits, new SamplingOptions(temperature, 1, 1, 3), DRAWS))
        .containsExactly(ranking(logits).get(0));
    assertThat(drawn(logits, new SamplingOptions(temperature, 0, 1e-9, 3), DRAWS))
        .containsExactly(ranking(logits).get(0));
  }

  @Property(tries = 200)
  void onlyTheMostProbableAreDrawn(
      @ForAll("logits") float[] logits,
      @ForAll @IntRange(min = 1, max = 80) int topK,
      @ForAll @LongRange(min = 0) long seed) {
    List<Integer> ranking = ranking(logits);
    assertThat(drawn(logits, new SamplingOptions(1.3, topK, 1, seed), DRAWS))
        .isSubsetOf(ranking.subList(0, Math.min(topK, ranking.size())));
  }

  @Property(tries = 200)
  void onlyTheNucleusIsDrawn(
      @ForAll("logits") float[] logits,
      @ForAll @IntRange(min = 0, max = 80) int topK,
      @ForAll @DoubleRange(min = 0.05, max = 0.95) double topP,
      @ForAll @LongRange(min = 0) long seed) {
    List<Integer> ranking = ranking(logits);
    int most = topK == 0 ? ranking.size() : Math.min(topK, ranking.size());
    double[] p = probabilities(logits, 0.8);
    double total = ranking.subList(0, most).stream().mapToDouble(id -> p[id]).sum();
    int count = 0;
    double share = 0;
    // Float and double may disagree on a sum that just reaches the limit.
    while (count < most && share < total * (topP + 1e-4)) {
      share += p[ranking.get(count++)];
    }
    assertThat(drawn(logits, new SamplingOptions(0.8, topK, topP, seed), DRAWS))
        .isSubsetOf(ranking.subList(0, count));
  }

  @Property(tries = 100)
  void theDrawIsAFunctionOfSeedAndPosition(
      @ForAll("logits") float[] logits, @ForAll long seed, @ForAll @LongRange(min = 0) long at) {
    SamplingOptions options = new SamplingOptions(1, 5, 0.9, seed);
    float[] before = logits.clone();
    TokenSampler used = sampler(logits, options);
    used.sample(logits, 0, 17);
    assertThat(used.sample(logits, 0, at))
        .isEqualTo(sampler(logits, options).sample(logits, 0, at));
    assertThat(logits).isEqualTo(before);
  }

  @Test
  void tokensAreDrawnAsOftenAsTheirProbabilitySays() {
    float[] logits = {0.5f, -1, 2, 0.5f, -30, 1};
    for (SamplingOptions options :
        List.of(
            new SamplingOptions(1, 0, 1, 5),
            new SamplingOptions(2, 0, 1, 5),
            new SamplingOptions(1, 3, 1, 5))) {
      double[] expected = probabilities(logits, options.temperature());
      if (options.topK() == 3) {
        double kept = expected[2] + expected[5] + expected[0];
        expected =
            new double[] {expected[0] / kept, 0, expected[2] / kept, 0, 0, expected[5] / kept};
      }
      int draws = 20_000;
      int[] counts = new int[logits.length];
      TokenSampler sampler = sampler(logits, options);
      for (int position = 0; position < draws; position++) {
        counts[sampler.sample(logits, 0, position)]++;
      }
      for (int id = 0; id < counts.length; id++) {
        assertThat((double) counts[id] / draws).isCloseTo(expected[id], within(0.015));
      }
    }
  }

  /** Tokens that are passed over before any is ranked would not have been drawn. */
  @ParameterizedTest
  @ValueSource(doubles = {1e-9, 0.3, 0.9, 0.999, 0.999999})
  void ofManyTokensTheNucleusIsThatOfAllOfThem(double topP) {
    SplittableRandom random = new SplittableRandom(5);
    for (double spread : new double[] {0, 0.1, 1, 5, 30}) {
      float[] logits = new float[3000];
      for (int id = 0; id < logits.length; id++) {
        logits[id] = (float) (spread * random.nextGaussian());
      }
      logits[1000] = -1000;
      TokenSampler sampler = sampler(logits, new SamplingOptions(0.8, 0, topP, 3));
      // All but the one that has no probability, each of them ranked.
      TokenSampler ranking = sampler(logits, new SamplingOptions(0.8, 2999, topP, 3));
      for (int position = 0; position < 100; position++) {
        assertThat(sampler.sample(logits, 0, position))
            .as("spread %s, position %d", spread, position)
            .isEqualTo(ranking.sample(logits, 0, position));
      }
    }
  }

  @Test
  void theWholeNucleusIsDrawn() {
    float[] logits = {0, 0, 0, 0, -20};
    assertThat(drawn(logits, new SamplingOptions(1, 0, 0.6, 1), 200))
        .containsExactlyInAnyOrder(0, 1, 2);
    assertThat(drawn(logits, new SamplingOptions(1, 2, 1, 1), 200)).containsExactlyInAnyOrder(0, 1);
  }

  @Test
  void brokenLogitsAreAnError() {
    for (float broken : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
      float[] logits = {1, broken, 3};
      for (SamplingOptions options : List.of(SamplingOptions.greedy(), SamplingOptions.seeded(1))) {
        assertThatThrownBy(() -> sampler(logits, options).sample(logits, 0, 0))
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("token 1");
      }
    }
  }

  @Test
  void optionsOutOfRangeAreNamed() {
    assertThatThrownBy(() -> new SamplingOptions(-1, 0, 1, 0))
        .hasMessageContaining("--temperature");
    assertThatThrownBy(() -> new SamplingOptions(1e-9, 0, 1, 0))
        .hasMessageContaining("--temperature");
    assertThatThrownBy(() -> new SamplingOptions(Double.NaN, 0, 1, 0))
        .hasMessageContaining("--temperature");
    assertThatThrownBy(() -> new SamplingOptions(1, -1, 1, 0)).hasMessageContaining("--top-k");
    assertThatThrownBy(() -> new SamplingOptions(1, 0, 0, 0)).hasMessageContaining("--top-p");
    assertThatThrownBy(() -> new SamplingOptions(1, 0, Double.NaN, 0))
        .hasMessageContaining("--top-p");
  }
}
