package dev.lanewise.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Causal attention of a group of heads: scalar and vector. */
class AttentionTwinTest extends TwinTest {

  private static final int[] TIMES = {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 65};
  private static final int[] HEAD_SIZES = {1, 4, 8, 15, 16, 31, 32, 33, 64};

  /** Times and head sizes; from 65 on there are several blocks if probabilities are not kept. */
  private static final int[][] LARGE = {{130, 20}, {127, 16}, {127, 33}, {9, 127}, {127, 127}};

  /** For heads that share keys. */
  private static final int[][] SHARED = {{1, 3}, {4, 8}, {7, 16}, {33, 20}, {66, 33}, {131, 64}};

  /** In which keys and values of a text are kept. */
  private static final List<Precision> KEPT_IN = List.of(Precision.F32, Precision.BF16);

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
      for (Precision precision : KEPT_IN) {
        for (int queries : new int[] {1, 3, 5, 9}) {
          calls.add(extend(values, new Heads(queries, 1, 33), precision, 300, 1));
          calls.add(extend(values, new Heads(queries, 1, 64), precision, 300, 5));
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
        // Query heads of a group as few rows and as many.
        calls.add(extend(Values.ORDINARY, new Heads(4, 2, size), Precision.BF16, time, 1));
        calls.add(extend(Values.ORDINARY, new Heads(5, 1, size), Precision.BF16, time, 1));
      }
    }
    calls.add(extend(Values.ORDINARY, new Heads(5, 1, 64), Precision.BF16, 600, 1));
    return calls;
  }

  private static void add(List<Call> calls, Values values, Heads heads, int time, boolean kept) {
    calls.add(forward(values, heads, time, kept));
    calls.add(backward(values, heads, time, kept));
    if (kept) {
      for (Precision precision : KEPT_IN) {
        calls.add(extend(values, heads, precision, time, 1));
        calls.add(extend(values, heads, precision, time, time));
        calls.add(extend(values, heads, precision, time, (time + 1) / 2));
      }
    }
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

  /** The last rows, of all query heads but the first, behind what has been stored before. */
  private static Call extend(
      Values values, Heads heads, Precision precision, int positions, int rows) {
    IdentityHashMap<KernelSet, KeyValues> texts = new IdentityHashMap<>();
    int past = positions - rows;
    return Call.of(
        name("%d rows extend, %s,".formatted(rows, precision), heads, positions, false, values),
        (k, s) -> {
          KeyValues text = texts.get(k);
          if (text == null) {
            text = k.attention().keyValues(heads, positions, precision);
            texts.put(k, text);
          }
          for (int group = 0; group < heads.keyValues(); group++) {
            k.attention().append(heads, group, ROW, past, s[1].matrix, s[2].matrix, text, 0);
            k.attention()
                .append(heads, group, ROW + past, rows, s[1].matrix, s[2].matrix, text, past);
          }
          k.attention()
              .extend(
                  heads,
                  1,
                  heads.queries(),
                  ROW + past,
                  rows,
                  s[0].matrix,
                  text,
                  past,
                  s[3].matrix,
                  s[4].matrix);
        },
        in(values, positions + 1L, positions, heads.queryWidth()),
        in(values, positions + 2L, positions, heads.keyValueWidth()),
        in(values, positions + 3L, positions, heads.keyValueWidth()),
        Slice.outRows(
                values, positions + 4L, ROW + positions, heads.queryWidth(), heads.queryWidth() + 5)
            .onlyBlock(ROW + past, rows, heads.size(), (heads.queries() - 1) * heads.size()),
        Slice.scratch(
            (int)
                Math.max(
                    SCALAR.attention().extendScratch(heads, rows, positions, precision),
                    VECTOR.attention().extendScratch(heads, rows, positions, precision))));
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
      for (KernelSet kernels : List.of(SCALAR, VECTOR)) {
        Sample kept = new Sample(heads, time).run(kernels, true);
        Sample computedAgain = new Sample(heads, time).run(kernels, false);
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
      Sample group = new Sample(shared, time);
      Sample copies = new Sample(new Heads(3, 3, 16), time);
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

  /**
   * A text in pieces of any sizes, through memory that grows and that another text used before. In
   * BF16 it is the text whose keys and values were rounded beforehand.
   */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5, 16, 37, 64, 130, 200})
  void whatIsExtendedIsForwardsOutput(int piece) {
    int time = 200;
    for (Heads heads :
        List.of(
            new Heads(4, 2, 16), new Heads(3, 3, 20), new Heads(5, 1, 33), new Heads(8, 2, 64))) {
      for (KernelSet kernels : List.of(SCALAR, VECTOR)) {
        Sample exact = new Sample(heads, time).run(kernels, true);
        assertThat(extended(kernels, exact, Precision.F32, piece)).isEqualTo(exact.out);
        Sample rounded = new Sample(heads, time);
        round(rounded.k);
        round(rounded.v);
        rounded.run(kernels, true);
        assertThat(extended(kernels, exact, Precision.BF16, piece)).isEqualTo(rounded.out);
        assertThat(rounded.out).isNotEqualTo(exact.out);
      }
    }
  }

  private static void round(float[] x) {
    for (int i = 0; i < x.length; i++) {
      x[i] = Float.intBitsToFloat(Precision.bfloat16(x[i]) << Short.SIZE);
    }
  }

  private static float[] extended(
      KernelSet kernels, Sample sample, Precision precision, int piece) {
    Attention attention = kernels.attention();
    Heads heads = sample.heads;
    float[] out = new float[sample.out.length];
    KeyValues text = attention.keyValues(heads, piece, precision);
    for (int head = 0; head < heads.keyValues(); head++) {
      fillWithNaN(text.keys(head));
      fillWithNaN(text.values(head));
    }
    for (int t = 0; t < sample.time; t += piece) {
      int rows = Math.min(piece, sample.time - t);
      if (t + rows > text.positions()) {
        KeyValues larger = attention.keyValues(heads, 2 * (t + rows), precision);
        larger.copy(text, t);
        text = larger;
      }
      int scratchSize = (int) attention.extendScratch(heads, rows, t + rows, precision);
      Matrix scratch = Matrix.of(new float[scratchSize], 0, scratchSize);
      for (int group = 0; group < heads.keyValues(); group++) {
        attention.append(
            heads, group, t, rows, sample.keys(sample.k), sample.keys(sample.v), text, t);
      }
      Matrix q = sample.queries(sample.q);
      Matrix o = sample.queries(out);
      attention.extend(heads, 0, 1, t, rows, q, text, t, o, scratch);
      attention.extend(heads, 1, heads.queries(), t, rows, q, text, t, o, scratch);
    }
    return out;
  }

  private static void fillWithNaN(PackedMatrix matrix) {
    if (matrix instanceof PackedInts ints) {
      Arrays.fill(ints.data(), 0x7fc07fc0);
    } else {
      Arrays.fill(((PackedFloats) matrix).data(), Float.NaN);
    }
  }

  /** Golden values of the rounding: of a first position alone the output is its values. */
  @Test
  void valuesAreRoundedToTheNearestOfBfloat16AndTiesToEven() {
    float[] values = {
      0x1.01p0f, 0x1.03p0f, 0x1.0102p0f, -0x1.01p0f, Float.MAX_VALUE, 0x1.8p-133f, -0x1.8p-140f, 3
    };
    float[] rounded = {1, 0x1.04p0f, 0x1.02p0f, -1, Float.POSITIVE_INFINITY, 0x1p-132f, 0, 3};
    Heads heads = new Heads(1, 1, values.length);
    for (KernelSet kernels : List.of(SCALAR, VECTOR)) {
      Attention attention = kernels.attention();
      KeyValues text = attention.keyValues(heads, 1, Precision.BF16);
      Matrix x = Matrix.of(values, 0, values.length);
      Matrix ones = Matrix.of(new float[] {1, 1, 1, 1, 1, 1, 1, 1}, 0, values.length);
      float[] out = new float[values.length];
      int scratchSize = (int) attention.extendScratch(heads, 1, 1, Precision.BF16);
      attention.append(heads, 0, 0, 1, ones, x, text, 0);
      attention.extend(
          heads,
          0,
          1,
          0,
          1,
          ones,
          text,
          0,
          Matrix.of(out, 0, values.length),
          Matrix.row(new float[scratchSize], 0, scratchSize));
      assertThat(out).isEqualTo(rounded);
    }
  }

  @Test
  void keysAndValuesAreHeldInFloatsOrBfloat16() {
    Heads heads = new Heads(2, 2, 64);
    for (KernelSet kernels : List.of(SCALAR, VECTOR)) {
      for (Precision precision : List.of(Precision.F16, Precision.INT8)) {
        assertThatIllegalArgumentException()
            .isThrownBy(() -> kernels.attention().keyValues(heads, 5, precision))
            .withMessageContaining(precision.name());
      }
    }
    Attention attention = VECTOR.attention();
    assertThat(attention.keyValueBytes(heads, 1024, Precision.F32))
        .isBetween(1L << 20, 1100L << 10);
    assertThat(attention.keyValueBytes(heads, 1024, Precision.BF16))
        .isBetween(1L << 19, 550L << 10);
  }

  /** A decoder makes room for a pass of many rows, and then comes one, or a shorter text. */
  @Test
  void scratchIsEnoughForFewerRowsAndShorterTexts() {
    int most = 5000;
    for (Heads heads : List.of(new Heads(40, 1, 16), new Heads(4, 4, 64))) {
      for (KernelSet kernels : List.of(SCALAR, VECTOR)) {
        for (Precision precision : KEPT_IN) {
          long enough = kernels.attention().extendScratch(heads, 128, most, precision);
          for (int positions = 1; positions <= most; positions += 7) {
            for (int rows : new int[] {1, 2, 17, 128}) {
              assertThat(kernels.attention().extendScratch(heads, rows, positions, precision))
                  .isLessThanOrEqualTo(enough);
            }
          }
        }
      }
    }
  }

  /** Infinity and NaN from position {@code poison} on must not change what comes before. */
  @ParameterizedTest
  @ValueSource(ints = {1, 3, 4, 8, 17, 30, 36, 64, 67, 69})
  void futureDoesNotReachThePast(int poison) {
    int time = 70;
    Heads heads = new Heads(4, 2, 16);
    int past = poison * heads.queryWidth();
    for (KernelSet kernels : List.of(SCALAR, VECTOR)) {
      for (boolean kept : new boolean[] {true, false}) {
        Sample clean = new Sample(heads, time).run(kernels, kept);
        Sample poisoned = new Sample(heads, time);
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

  /** All heads over one sequence, forward and backward. */
  private static final class Sample {

    final Heads heads;
    final int time;
    final float[] q;
    final float[] k;
    final float[] v;
    final float[] dOut;
    final float[] out;
    final float[] dq;
    final float[] dk;
    final float[] dv;

    Sample(Heads heads, int time) {
      this.heads = heads;
      this.time = time;
      this.q = random(1, time * heads.queryWidth());
      this.k = random(2, time * heads.keyValueWidth());
      this.v = random(3, time * heads.keyValueWidth());
      this.dOut = random(4, q.length);
      // What is in the results must not matter.
      this.out = random(5, q.length);
      this.dq = random(6, q.length);
      this.dk = random(7, k.length);
      this.dv = random(8, k.length);
    }

    private static float[] random(long seed, int n) {
      Slice slice = Slice.in(Values.ORDINARY, seed, n);
      return Arrays.copyOfRange(slice.array, slice.offset, slice.offset + n);
    }

    private Matrix queries(float[] x) {
      return Matrix.of(x, 0, heads.queryWidth());
    }

    private Matrix keys(float[] x) {
      return Matrix.of(x, 0, heads.keyValueWidth());
    }

    Sample run(KernelSet kernels, boolean kept) {
      Attention attention = kernels.attention();
      int scratchSize = (int) attention.scratchSize(heads, time, kept);
      Matrix scratch = Matrix.of(new float[scratchSize], 0, scratchSize);
      Matrix p = kept ? Matrix.of(new float[heads.group() * time * time], 0, time) : null;
      for (int group = 0; group < heads.keyValues(); group++) {
        attention.forward(
            heads, group, 0, time, queries(q), keys(k), keys(v), queries(out), p, 0, scratch);
        attention.backward(
            heads,
            group,
            0,
            time,
            queries(q),
            keys(k),
            keys(v),
            p,
            0,
            queries(dOut),
            queries(dq),
            keys(dk),
            keys(dv),
            scratch);
      }
      return this;
    }
  }
}
