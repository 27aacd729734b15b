package dev.lanewise.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Attention of positions that go on with a text, in each precision of its keys and values. */
class TextAttentionTwinTest extends TwinTest {

  private static final int[] TIMES = {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 65};
  private static final int[] HEAD_SIZES = {1, 4, 8, 15, 16, 31, 32, 33, 64};
  private static final int[][] LARGE = {{130, 20}, {127, 16}, {127, 33}, {9, 127}, {127, 127}};

  /** For heads that share keys. */
  private static final int[][] SHARED = {{1, 3}, {4, 8}, {7, 16}, {33, 20}, {66, 33}, {131, 64}};

  private static final List<Precision> KEPT_IN = List.of(Precision.F32, Precision.BF16);

  /** The sequence's first row, of all matrices. */
  private static final int ROW = 2;

  @Override
  List<Call> calls() {
    List<Call> calls = new ArrayList<>();
    for (Values values : Values.values()) {
      for (int time : TIMES) {
        for (int size : HEAD_SIZES) {
          add(calls, values, new Heads(2, 2, size), time);
        }
      }
      for (int[] size : LARGE) {
        add(calls, values, new Heads(2, 2, size[1]), size[0]);
      }
      for (int[] size : SHARED) {
        for (int queries : new int[] {2, 4, 6}) {
          add(calls, values, new Heads(queries, 2, size[1]), size[0]);
        }
        add(calls, values, new Heads(3, 1, size[1]), size[0]);
      }
      for (Precision precision : KEPT_IN) {
        for (int queries : new int[] {1, 3, 5, 9}) {
          calls.add(extend(values, new Heads(queries, 1, 33), precision, 300, 1));
          calls.add(extend(values, new Heads(queries, 1, 64), precision, 300, 5));
        }
      }
    }
    return calls;
  }

  @Override
  List<Call> warmCalls() {
    List<Call> calls = new ArrayList<>();
    for (int time : new int[] {5, 16, 33, 35, 70}) {
      for (int size : new int[] {7, 32, 33}) {
        add(calls, Values.ORDINARY, new Heads(2, 2, size), time);
        // Query heads of a group as few rows and as many.
        calls.add(extend(Values.ORDINARY, new Heads(4, 2, size), Precision.BF16, time, 1));
        calls.add(extend(Values.ORDINARY, new Heads(5, 1, size), Precision.BF16, time, 1));
      }
    }
    calls.add(extend(Values.ORDINARY, new Heads(5, 1, 64), Precision.BF16, 600, 1));
    return calls;
  }

  private static void add(List<Call> calls, Values values, Heads heads, int time) {
    for (Precision precision : KEPT_IN) {
      calls.add(extend(values, heads, precision, time, 1));
      calls.add(extend(values, heads, precision, time, time));
      calls.add(extend(values, heads, precision, time, (time + 1) / 2));
    }
  }

  private static Slice in(Values values, long seed, int time, int width) {
    return Slice.inRows(values, seed, ROW + time, width, width + 3);
  }

  /** The last rows, of all query heads but the first, behind what has been stored before. */
  private static Call extend(
      Values values, Heads heads, Precision precision, int positions, int rows) {
    IdentityHashMap<KernelSet, KeyValues> texts = new IdentityHashMap<>();
    int past = positions - rows;
    return Call.of(
        "%d of %d positions extend, %s, %s, %s"
            .formatted(rows, positions, precision, heads, values),
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
        AttentionSample exact = new AttentionSample(heads, time).run(kernels, true);
        assertThat(extended(kernels, exact, Precision.F32, piece)).isEqualTo(exact.out);
        AttentionSample rounded = new AttentionSample(heads, time);
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
      KernelSet kernels, AttentionSample sample, Precision precision, int piece) {
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
}
