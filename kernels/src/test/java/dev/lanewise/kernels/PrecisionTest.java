package dev.lanewise.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.kernels.scalar.ScalarKernels;
import dev.lanewise.kernels.vector.VectorKernels;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What numbers become when they are packed. */
class PrecisionTest {

  @ParameterizedTest
  @CsvSource({
    "1, 3f80",
    "-1, bf80",
    "0, 0",
    "-0.0, 8000",
    // Just below, at, and just above half a step; a tie goes to the even one.
    "1.00390613, 3f80",
    "1.00390625, 3f80",
    "1.00390637, 3f81",
    "1.01171875, 3f82",
    "3.4028235e38, 7f80",
    "1e-45, 0",
    "9.2e-41, 1",
    "NaN, 7fc0",
    "Infinity, 7f80"
  })
  void bfloat16IsTheNearest(float value, String hexadecimal) {
    assertThat(Integer.toHexString(Precision.bfloat16(value))).isEqualTo(hexadecimal);
  }

  @ParameterizedTest
  @CsvSource({
    "1, 3c00",
    "65504, 7bff",
    "-2, c000",
    "5.9604645e-8, 1",
    "2.9802322e-8, 0",
    "2.9802326e-8, 1",
    "6.1e-5, 3ff"
  })
  void float16IsTheNearest(float value, String hexadecimal) {
    assertThat(Integer.toHexString(Precision.float16(value))).isEqualTo(hexadecimal);
  }

  /** 127 has to do for the largest magnitude, so a scale that needs rounding is rounded up. */
  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "127, 1",
    "254, 2",
    "127.5, 1.0078125",
    "1, 0.0079345703125",
    "1.2676506e30, NaN",
    "1.2676505e30, 1.0058263e28",
    "Infinity, NaN",
    "NaN, NaN"
  })
  void aScaleIsRoundedUp(float largest, float scale) {
    assertThat(Precision.scale(largest)).isEqualTo(Float.valueOf(scale));
  }

  @ParameterizedTest
  @CsvSource({"1, 1, 1", "0.5, 1, 0", "1.5, 1, 2", "-2.5, 1, -2", "127, 1, 127", "3, 0, 0"})
  void aMultipleIsTheNearest(float value, float scale, int multiple) {
    assertThat(Precision.multiple(value, scale)).isEqualTo(multiple);
  }

  @Test
  void noMultipleIsLargerThanAByte() {
    SplittableRandom random = new SplittableRandom(3);
    for (int i = 0; i < 200_000; i++) {
      float largest = Math.abs(Values.WIDE.next(random));
      float scale = Precision.scale(largest);
      if (Float.isFinite(scale)) {
        assertThat(Precision.multiple(largest, scale)).isBetween(0, 127);
        assertThat(Precision.multiple(-largest, scale)).isBetween(-127, 0);
      }
    }
  }

  /** Golden values: three columns of 40 numbers, the second group of a column shorter. */
  @Test
  void groupsAreOfThirtyTwoNumbersOfAColumn() {
    int k = 40;
    float[] numbers = new float[k];
    for (int p = 0; p < k; p++) {
      numbers[p] = p < 32 ? p - 15 : (p - 31) / 1000f;
    }
    float[] expected = new float[k];
    // 16 / 127 and 0.008 / 127, rounded up to 8 bits.
    float first = 0x1.04p-3f;
    float second = 0x1.0ap-14f;
    for (int p = 0; p < k; p++) {
      float scale = p < 32 ? first : second;
      expected[p] = (float) Math.rint(numbers[p] / scale) * scale;
    }
    assertThat(expected[0]).isEqualTo(-118 * first);
    assertThat(expected[39]).isEqualTo(126 * second);
    for (KernelSet kernels : List.of(ScalarKernels.create(), VectorKernels.create())) {
      Matmul matmul = kernels.matmul();
      PackedMatrix.Size size = new PackedMatrix.Size(k, 3, Precision.INT8);
      PackedMatrix packed = matmul.allocate(List.of(size)).getFirst();
      matmul.pack(k, Matrix.row(numbers, 0, k).transposed(3), 0, packed, 0, 0, 3);
      float[] y = new float[2 * k];
      matmul.gatherColumns(0, 2, k, new int[] {2, 0}, packed, Matrix.of(y, 0, k));
      for (int i = 0; i < y.length; i++) {
        assertThat(y[i]).as("%s, %d", kernels.name(), i).isEqualTo(expected[i % k]);
      }
    }
  }

  /** A number that the precision has stays what it is, whatever its neighbours are. */
  @ParameterizedTest
  @EnumSource(
      value = Precision.class,
      names = {"BF16", "F16"})
  void everyNumberOfSixteenBitsIsKept(Precision precision) {
    int k = 1 << 16;
    float[] numbers = new float[k];
    for (int bits = 0; bits < k; bits++) {
      float value =
          precision == Precision.BF16
              ? Float.intBitsToFloat(bits << 16)
              : Float.float16ToFloat((short) bits);
      numbers[bits] = precision == Precision.F16 && !Float.isFinite(value) ? 1f : value;
    }
    for (KernelSet kernels : List.of(ScalarKernels.create(), VectorKernels.create())) {
      Matmul matmul = kernels.matmul();
      PackedMatrix.Size size = new PackedMatrix.Size(1, k, precision);
      PackedMatrix packed = matmul.allocate(List.of(size)).getFirst();
      matmul.pack(1, Matrix.of(numbers, 0, k), 0, packed, 0, 0, k);
      float[] product = new float[k];
      Matrix one = Matrix.of(new float[] {1f}, 0, 1);
      float[] start = new float[k];
      Arrays.fill(start, -0f);
      matmul.multiply(
          1, 1, one, 0, packed, 0, k, Matrix.of(start, 0, k), Matrix.of(product, 0, k), 0, null);
      for (int bits = 0; bits < k; bits++) {
        assertThat(Float.floatToIntBits(product[bits]))
            .as("%s, %x", kernels.name(), bits)
            .isEqualTo(Float.floatToIntBits(numbers[bits]));
      }
    }
  }
}
