package dev.lanewise.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Causal attention of one head: scalar and vector. */
class AttentionTwinTest extends TwinTest {

  private static final int[] TIMES = {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 65};
  private static final int[] HEAD_SIZES = {1, 4, 8, 15, 16, 31, 32, 33, 64};

  /** Times and head sizes. */
  private static final int[][] LARGE = {{130, 20}, {127, 16}, {127, 33}, {9, 127}, {127, 127}};

  /** The tests' head is the second of two, so that rows have strangers on both sides of it. */
  private static final int HEADS = 2;

  @Override
  List<Call> calls() {
    List<Call> calls = new ArrayList<>();
    for (Values values : Values.values()) {
      for (int time : TIMES) {
        for (int headSize : HEAD_SIZES) {
          calls.add(forward(values, time, headSize));
          calls.add(backward(values, time, headSize));
          calls.add(last(values, time, headSize));
        }
      }
    }
    for (Values values : Values.values()) {
      calls.add(forward(values, 0, 8));
      calls.add(backward(values, 0, 8));
      for (int[] size : LARGE) {
        calls.add(forward(values, size[0], size[1]));
        calls.add(backward(values, size[0], size[1]));
        calls.add(last(values, size[0], size[1]));
      }
    }
    return calls;
  }

  @Override
  List<Call> warmCalls() {
    List<Call> calls = new ArrayList<>();
    for (int time : new int[] {5, 16, 33, 35}) {
      for (int headSize : new int[] {7, 32, 33}) {
        calls.add(forward(Values.ORDINARY, time, headSize));
        calls.add(backward(Values.SPRINKLED, time, headSize));
        calls.add(last(Values.ORDINARY, time, headSize));
      }
    }
    return calls;
  }

  private static Call forward(Values values, int time, int headSize) {
    int width = HEADS * headSize;
    int stride = 3 * width;
    return Call.of(
        "attention %dx%d %s".formatted(time, headSize, values),
        (k, s) ->
            k.attention()
                .forward(
                    time,
                    headSize,
                    s[0].array,
                    s[0].offset + headSize,
                    s[0].offset + width + headSize,
                    s[0].offset + 2 * width + headSize,
                    stride,
                    s[1].array,
                    s[1].offset,
                    width,
                    s[2].array,
                    s[2].offset,
                    s[3].array,
                    s[3].offset),
        Slice.inRows(values, time + 1L, time, stride, stride),
        Slice.outRows(values, time + 2L, time, headSize, width),
        Slice.out(values, time + 3L, time * time).specified(i -> i % time <= i / time),
        scratch(time, headSize));
  }

  private static Call backward(Values values, int time, int headSize) {
    int width = HEADS * headSize;
    int stride = 3 * width;
    Slice probabilities = Slice.in(values, time + 3L, time * time);
    for (int i = 0; i < time * time; i++) {
      if (i % time > i / time) {
        probabilities.set(i, Float.NaN);
      }
    }
    return Call.of(
        "attention backward %dx%d %s".formatted(time, headSize, values),
        (k, s) ->
            k.attention()
                .backward(
                    time,
                    headSize,
                    s[0].array,
                    s[0].offset + headSize,
                    s[0].offset + width + headSize,
                    s[0].offset + 2 * width + headSize,
                    stride,
                    s[1].array,
                    s[1].offset,
                    s[2].array,
                    s[2].offset,
                    width,
                    s[3].array,
                    s[3].offset + headSize,
                    s[3].offset + width + headSize,
                    s[3].offset + 2 * width + headSize,
                    s[4].array,
                    s[4].offset),
        Slice.inRows(values, time + 1L, time, stride, stride),
        probabilities.copy(),
        Slice.inRows(values, time + 2L, time, headSize, width),
        Slice.outRows(values, time + 4L, time, stride, stride).writable(i -> i % width >= headSize),
        scratch(time, headSize));
  }

  private static Call last(Values values, int time, int headSize) {
    int keyStride = time + 3;
    int valueStride = HEADS * headSize;
    return Call.of(
        "last row of attention %dx%d %s".formatted(time, headSize, values),
        (k, s) ->
            k.attention()
                .last(
                    time,
                    headSize,
                    s[0].array,
                    s[0].offset,
                    s[1].array,
                    s[1].offset,
                    keyStride,
                    s[2].array,
                    s[2].offset,
                    valueStride,
                    s[3].array,
                    s[3].offset,
                    s[4].array,
                    s[4].offset),
        Slice.in(values, time + 1L, headSize),
        Slice.inRows(values, time + 2L, headSize, time, keyStride),
        Slice.inRows(values, time + 3L, time, headSize, valueStride),
        Slice.out(values, time + 4L, headSize),
        Slice.scratch(time));
  }

  private static Slice scratch(int time, int headSize) {
    return Slice.scratch(
        Math.max(
            SCALAR.attention().scratchSize(time, headSize),
            VECTOR.attention().scratchSize(time, headSize)));
  }

  @Test
  void lastIsTheLastRowOfForward() {
    int time = 37;
    int headSize = 16;
    int stride = 3 * headSize;
    Slice qkv = Slice.in(Values.ORDINARY, 1, time * stride);
    Slice dOut = Slice.in(Values.ORDINARY, 2, time * headSize);
    float[] keys = new float[headSize * time];
    for (int t = 0; t < time; t++) {
      for (int d = 0; d < headSize; d++) {
        keys[d * time + t] = qkv.get(t * stride + headSize + d);
      }
    }
    for (KernelSet kernels : List.of(SCALAR, VECTOR)) {
      float[] all = forwardAndBackward(kernels, time, headSize, qkv, dOut);
      float[] row = new float[headSize];
      kernels
          .attention()
          .last(
              time,
              headSize,
              qkv.array,
              qkv.offset + (time - 1) * stride,
              keys,
              0,
              time,
              qkv.array,
              qkv.offset + 2 * headSize,
              stride,
              row,
              0,
              new float[time],
              0);
      assertThat(row).isEqualTo(Arrays.copyOfRange(all, (time - 1) * headSize, time * headSize));
    }
  }

  /** Infinity and NaN from position {@code poison} on must not change what comes before. */
  @ParameterizedTest
  @ValueSource(ints = {1, 3, 4, 8, 17, 30, 36})
  void futureDoesNotReachThePast(int poison) {
    int time = 37;
    int headSize = 16;
    int stride = 3 * headSize;
    for (KernelSet kernels : List.of(SCALAR, VECTOR)) {
      Slice qkv = Slice.in(Values.ORDINARY, 1, time * stride);
      Slice dOut = Slice.in(Values.ORDINARY, 2, time * headSize);
      float[] clean = forwardAndBackward(kernels, time, headSize, qkv, dOut);
      for (int i = poison * stride; i < time * stride; i++) {
        qkv.set(i, i % 2 == 0 ? Float.NaN : Float.POSITIVE_INFINITY);
      }
      for (int i = poison * headSize; i < time * headSize; i++) {
        dOut.set(i, Float.NaN);
      }
      float[] poisoned = forwardAndBackward(kernels, time, headSize, qkv, dOut);
      int past = poison * headSize;
      assertThat(Arrays.copyOf(poisoned, past)).isEqualTo(Arrays.copyOf(clean, past));
      int dq = time * headSize;
      assertThat(Arrays.copyOfRange(poisoned, dq, dq + past))
          .isEqualTo(Arrays.copyOfRange(clean, dq, dq + past));
      assertThat(poisoned[past]).isNaN();
    }
  }

  /** Returns the output and, after it, the gradient of the queries. */
  private static float[] forwardAndBackward(
      KernelSet kernels, int time, int headSize, Slice qkv, Slice dOut) {
    int stride = 3 * headSize;
    int k = qkv.offset + headSize;
    int v = k + headSize;
    float[] out = new float[2 * time * headSize];
    float[] probabilities = new float[time * time];
    float[] scratch = new float[kernels.attention().scratchSize(time, headSize)];
    kernels
        .attention()
        .forward(
            time,
            headSize,
            qkv.array,
            qkv.offset,
            k,
            v,
            stride,
            out,
            0,
            headSize,
            probabilities,
            0,
            scratch,
            0);
    float[] dqkv = new float[time * stride];
    kernels
        .attention()
        .backward(
            time,
            headSize,
            qkv.array,
            qkv.offset,
            k,
            v,
            stride,
            probabilities,
            0,
            dOut.array,
            dOut.offset,
            headSize,
            dqkv,
            0,
            headSize,
            2 * headSize,
            scratch,
            0);
    for (int t = 0; t < time; t++) {
      System.arraycopy(dqkv, t * stride, out, (time + t) * headSize, headSize);
    }
    return out;
  }
}
