package dev.lanewise.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Causal attention of a group of heads: scalar and vector. */
class AttentionTwinTest extends TwinTest {

  private static final int[] TIMES = {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 65};
  private static final int[] HEAD_SIZES = {1, 4, 8, 15, 16, 31, 32, 33, 64};

  /** Times and head sizes; from 65 on there are several blocks of rows, from 321 on blocks of k. */
  private static final int[][] LARGE = {
    {130, 20}, {127, 16}, {127, 33}, {9, 127}, {127, 127}, {350, 64}
  };

  /** For heads that share keys. */
  private static final int[][] SHARED = {{1, 3}, {4, 8}, {7, 16}, {33, 20}, {66, 33}, {131, 64}};

  /** The sequence's first row, of all matrices but the probabilities. */
  private static final int ROW = 2;

  /** The first row of the probabilities. */
  private static final int P_ROW = 1;

  @Override
  List<Call> calls() {
    List<Call> calls = new ArrayList<>();
    for (Values values : Values.values()) {
      for (int time : TIMES) {
        for (int size : HEAD_SIZES) {
          add(calls, values, new Heads(2, 2, size), time, true);
        }
      }
      for (int[] size : LARGE) {
        add(calls, values, new Heads(2, 2, size[1]), size[0], true);
        add(calls, values, new Heads(2, 2, size[1]), size[0], false);
      }
      for (int[] size : SHARED) {
        for (boolean kept : new boolean[] {true, false}) {
          add(calls, values, new Heads(2, 2, size[1]), size[0], kept);
          add(calls, values, new Heads(4, 2, size[1]), size[0], kept);
          add(calls, values, new Heads(6, 2, size[1]), size[0], kept);
          add(calls, values, new Heads(3, 1, size[1]), size[0], kept);
        }
      }
      calls.add(forward(values, new Heads(2, 2, 8), 0, true));
      calls.add(backward(values, new Heads(2, 2, 8), 0, true));
      calls.add(forward(values, new Heads(4, 2, 8), 0, false));
      calls.add(backward(values, new Heads(4, 2, 8), 0, false));
    }
    return calls;
  }

  @Override
  List<Call> warmCalls() {
    List<Call> calls = new ArrayList<>();
    for (int time : new int[] {5, 16, 33, 35, 70}) {
      for (int size : new int[] {7, 32, 33}) {
        add(calls, Values.ORDINARY, new Heads(2, 2, size), time, true);
        add(calls, Values.ORDINARY, new Heads(4, 2, size), time, false);
      }
    }
    return calls;
  }

  private static void add(List<Call> calls, Values values, Heads heads, int time, boolean kept) {
    calls.add(forward(values, heads, time, kept));
    calls.add(backward(values, heads, time, kept));
  }

  /** The last group, so that rows have strangers before it, and behind it the gap to the next. */
  private static int group(Heads heads) {
    return heads.keyValues() - 1;
  }

  private static String name(String what, Heads heads, int time, boolean kept, Values values) {
    return "%s %d %s kept %s %s".formatted(what, time, heads, kept, values);
  }

  private static Slice in(Values values, long seed, int time, int width) {
    return Slice.inRows(values, seed, ROW + time, width, width + 3);
  }

  private static Slice out(
      Values values, long seed, int time, int width, int fromColumn, int columns) {
    return Slice.outRows(values, seed, ROW + time, width, width + 5)
        .onlyBlock(ROW, time, fromColumn, columns);
  }

  /** Queries, or what is laid out as they are, of which only the group's may be written. */
  private static Slice queriesOut(Values values, long seed, Heads heads, int time) {
    int columns = heads.group() * heads.size();
    return out(values, seed, time, heads.queryWidth(), group(heads) * columns, columns);
  }

  private static Slice keysOut(Values values, long seed, Heads heads, int time) {
    return out(
        values, seed, time, heads.keyValueWidth(), group(heads) * heads.size(), heads.size());
  }

  private static Call forward(Values values, Heads heads, int time, boolean kept) {
    int rows = heads.group() * time;
    int stride = time + 2;
    return Call.of(
        name("attention", heads, time, kept, values),
        (k, s) ->
            k.attention()
                .forward(
                    heads,
                    group(heads),
                    ROW,
                    time,
                    s[0].matrix,
                    s[1].matrix,
                    s[2].matrix,
                    s[3].matrix,
                    kept ? s[4].matrix : null,
                    P_ROW,
                    s[5].matrix),
        in(values, time + 1L, time, heads.queryWidth()),
        in(values, time + 2L, time, heads.keyValueWidth()),
        in(values, time + 3L, time, heads.keyValueWidth()),
        queriesOut(values, time + 4L, heads, time),
        Slice.outRows(values, time + 5L, P_ROW + rows, time, stride)
            .onlyBlock(P_ROW, kept ? rows : 0, 0, time)
            .specified(i -> i / stride < P_ROW || i % stride <= (i / stride - P_ROW) % time),
        scratch(heads, time, kept));
  }

  private static Call backward(Values values, Heads heads, int time, boolean kept) {
    int rows = heads.group() * time;
    int stride = time + 2;
    Slice probabilities = Slice.inRows(values, time + 5L, P_ROW + rows, time, stride);
    for (int r = 0; r < rows; r++) {
      for (int s = r % time + 1; s < time; s++) {
        probabilities.set((P_ROW + r) * stride + s, Float.NaN);
      }
    }
    return Call.of(
        name("attention backward", heads, time, kept, values),
        (k, s) ->
            k.attention()
                .backward(
                    heads,
                    group(heads),
                    ROW,
                    time,
                    s[0].matrix,
                    s[1].matrix,
                    s[2].matrix,
                    kept ? s[3].matrix : null,
                    P_ROW,
                    s[4].matrix,
                    s[5].matrix,
                    s[6].matrix,
                    s[7].matrix,
                    s[8].matrix),
        in(values, time + 1L, time, heads.queryWidth()),
        in(values, time + 2L, time, heads.keyValueWidth()),
        in(values, time + 3L, time, heads.keyValueWidth()),
        probabilities.copy(),
        in(values, time + 4L, time, heads.queryWidth()),
        queriesOut(values, time + 6L, heads, time),
        keysOut(values, time + 7L, heads, time),
        keysOut(values, time + 8L, heads, time),
        scratch(heads, time, kept));
  }

  private static Slice scratch(Heads heads, int time, boolean kept) {
    return Slice.scratch(
        (int)
            Math.max(
                SCALAR.attention().scratchSize(heads, time, kept),
                VECTOR.attention().scratchSize(heads, time, kept)));
  }

  @Test
  void withoutKeptProbabilitiesMemoryIsLinearInTime() {
    Heads heads = new Heads(4, 2, 16);
    for (KernelSet kernels : List.of(SCALAR, VECTOR)) {
      long once = kernels.attention().scratchSize(heads, 3000, false);
      assertThat(kernels.attention().scratchSize(heads, 6000, false)).isLessThan(2 * once + 1000);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4, 63, 64, 65, 127, 128, 129, 200})
  void whatIsNotKeptHasTheSameBits(int time) {
    for (Heads heads :
        List.of(
            new Heads(1, 1, 16), new Heads(2, 1, 20), new Heads(6, 2, 8), new Heads(3, 1, 33))) {
      AttentionSample kept = new AttentionSample(heads, time).run(SCALAR, true);
      for (KernelSet kernels : List.of(SCALAR, VECTOR)) {
        AttentionSample computedAgain = new AttentionSample(heads, time).run(kernels, false);
        assertThat(computedAgain.out).isEqualTo(kept.out);
        assertThat(computedAgain.dq).isEqualTo(kept.dq);
        assertThat(computedAgain.dk).isEqualTo(kept.dk);
        assertThat(computedAgain.dv).isEqualTo(kept.dv);
      }
    }
  }

  /** Heads that share keys give what they would with a copy each; the gradients add up. */
  @Test
  void sharedKeysAreLikeCopiesOfThem() {
    int time = 70;
    Heads shared = new Heads(3, 1, 16);
    for (KernelSet kernels : List.of(SCALAR, VECTOR)) {
      AttentionSample group = new AttentionSample(shared, time);
      AttentionSample copies = new AttentionSample(new Heads(3, 3, 16), time);
      for (int i = 0; i < copies.k.length; i++) {
        int from = i / 48 * 16 + i % 16;
        copies.k[i] = group.k[from];
        copies.v[i] = group.v[from];
      }
      group.run(kernels, false);
      copies.run(kernels, true);
      assertThat(group.out).isEqualTo(copies.out);
      assertThat(group.dq).isEqualTo(copies.dq);
      for (int i = 0; i < group.dk.length; i++) {
        int from = i / 16 * 48 + i % 16;
        float dk = copies.dk[from] + copies.dk[from + 16] + copies.dk[from + 32];
        float dv = copies.dv[from] + copies.dv[from + 16] + copies.dv[from + 32];
        assertThat(group.dk[i]).isCloseTo(dk, within(1e-4f));
        assertThat(group.dv[i]).isCloseTo(dv, within(1e-4f));
      }
    }
  }

  /** Infinity and NaN from position {@code poison} on must not change what comes before. */
  @ParameterizedTest
  @ValueSource(ints = {1, 3, 4, 8, 17, 30, 36, 64, 67, 69})
  void futureDoesNotReachThePast(int poison) {
    assertFutureDoesNotReachThePast(new Heads(4, 2, 16), poison);
    assertFutureDoesNotReachThePast(new Heads(2, 2, 64), poison);
  }

  private static void assertFutureDoesNotReachThePast(Heads heads, int poison) {
    int time = 70;
    int past = poison * heads.queryWidth();
    for (KernelSet kernels : List.of(SCALAR, VECTOR)) {
      for (boolean kept : new boolean[] {true, false}) {
        AttentionSample clean = new AttentionSample(heads, time).run(kernels, kept);
        AttentionSample poisoned = new AttentionSample(heads, time);
        poison(poisoned.q, past);
        poison(poisoned.k, poison * heads.keyValueWidth());
        poison(poisoned.v, poison * heads.keyValueWidth());
        Arrays.fill(poisoned.dOut, past, poisoned.dOut.length, Float.NaN);
        poisoned.run(kernels, kept);
        assertThat(Arrays.copyOf(poisoned.out, past)).isEqualTo(Arrays.copyOf(clean.out, past));
        assertThat(Arrays.copyOf(poisoned.dq, past)).isEqualTo(Arrays.copyOf(clean.dq, past));
        assertThat(poisoned.out[past]).isNaN();
      }
    }
  }

  private static void poison(float[] x, int from) {
    for (int i = from; i < x.length; i++) {
      x[i] = i % 2 == 0 ? Float.NaN : Float.POSITIVE_INFINITY;
    }
  }
}
