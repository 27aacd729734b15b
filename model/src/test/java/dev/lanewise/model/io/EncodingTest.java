package dev.lanewise.model.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class EncodingTest {

  private static ByteBuffer encode(Encoding encoding, float... values) {
    ByteBuffer bytes = ByteBuffer.allocate(1024).order(ByteOrder.LITTLE_ENDIAN);
    assertThat(encoding.encode(values, 0, values.length, bytes)).isEqualTo(-1);
    assertThat((long) bytes.position()).isEqualTo(encoding.bytes(values.length));
    return bytes.flip();
  }

  /** The nearer of two neighbours, or the one with an even last bit, by exact arithmetic. */
  private static short nearestBfloat16(float value) {
    int below = Float.floatToRawIntBits(value) >>> 16;
    BigDecimal exact = new BigDecimal(value).abs();
    BigDecimal down = new BigDecimal(Float.intBitsToFloat(below << 16)).abs();
    BigDecimal up = new BigDecimal(Float.intBitsToFloat((below + 1) << 16)).abs();
    int nearer = exact.subtract(down).compareTo(up.subtract(exact));
    return (short) (nearer < 0 || (nearer == 0 && below % 2 == 0) ? below : below + 1);
  }

  @Test
  void bfloat16IsTheNearest() {
    Random random = new Random(3);
    for (int i = 0; i < 20_000; i++) {
      float value = Float.intBitsToFloat(random.nextInt());
      if (Math.abs(value) < 3e38f) {
        assertThat(encode(Encoding.BF16, value).getShort())
            .as("%a", value)
            .isEqualTo(nearestBfloat16(value));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    // Ties go to the even neighbour; a bit more or less decides.
    "0x1.01p0, 0x3f80", "0x1.03p0, 0x3f82", "0x1.010002p0, 0x3f81", "0x1.00fffep0, 0x3f80",
    "-0x1.03p0, 0xbf82", "-0.0, 0x8000", "0x1p-149, 0x0000", "0x1p-133, 0x0001",
    "0x1p-134, 0x0000", "0x1.8p-133, 0x0002", "0x1.fep127, 0x7f7f"
  })
  void bfloat16AtItsEdges(String value, String bits) {
    assertThat(encode(Encoding.BF16, Float.parseFloat(value)).getShort())
        .isEqualTo(Integer.decode(bits).shortValue());
  }

  @ParameterizedTest
  @CsvSource({
    "0x1.002p0, 0x3c00",
    "0x1.006p0, 0x3c02",
    "65504, 0x7bff",
    "65519, 0x7bff",
    "0x1p-24, 0x0001",
    "0x1p-25, 0x0000",
    "0x1.8p-24, 0x0002",
    "-0.0, 0x8000"
  })
  void float16AtItsEdges(String value, String bits) {
    assertThat(encode(Encoding.F16, Float.parseFloat(value)).getShort())
        .isEqualTo(Integer.decode(bits).shortValue());
  }

  /** Floats of 16 bits are themselves: what was read from such a file is written as it was. */
  @ParameterizedTest
  @EnumSource(names = {"F16", "BF16"})
  void whatFitsIsExact(Encoding encoding) {
    for (int half = 0; half < 1 << 16; half++) {
      float value =
          encoding == Encoding.F16
              ? Float.float16ToFloat((short) half)
              : Float.intBitsToFloat(half << 16);
      if (Float.isFinite(value)) {
        assertThat(encode(encoding, value).getShort()).isEqualTo((short) half);
      }
    }
  }

  @Test
  void blocksAreMultiplesOfA127thOfTheLargest() {
    float[] block = new float[32];
    block[0] = -127;
    block[1] = 0.5f;
    block[2] = -0.5f;
    // The largest float below a half: adding a half to it in float32 gives 1.
    block[3] = 0x1.fffffep-2f;
    block[4] = 126.5f;
    block[5] = 2.4f;
    ByteBuffer bytes = encode(Encoding.Q8_0, block);
    assertThat(Float.float16ToFloat(bytes.getShort())).isEqualTo(1);
    byte[] values = new byte[32];
    bytes.get(values);
    assertThat(values).startsWith(-127, 1, -1, 0, 127, 2, 0);
  }

  @Test
  void theScaleIsRoundedOnlyForTheFile() {
    float[] block = new float[32];
    block[0] = 1;
    block[1] = 0.5f;
    ByteBuffer bytes = encode(Encoding.Q8_0, block);
    assertThat(bytes.getShort()).isEqualTo(Float.floatToFloat16(1 / 127f));
    assertThat(bytes.get()).isEqualTo((byte) 127);
    assertThat(bytes.get()).isEqualTo((byte) 64);
  }

  @Test
  void aBlockOfZerosIsZeros() {
    ByteBuffer bytes = encode(Encoding.Q8_0, new float[32]);
    byte[] values = new byte[34];
    bytes.get(values);
    assertThat(values).containsOnly(0);
  }

  @ParameterizedTest
  @CsvSource({"F16, 65520", "F16, -1e9", "BF16, 3.4028235e38", "BF16, NaN", "F16, NaN"})
  void whatIsTooLargeIsFound(Encoding encoding, float value) {
    ByteBuffer bytes = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
    assertThat(encoding.encode(new float[] {9, 1, 2, value, 3}, 1, 4, bytes)).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource({"8.4e6", "NaN", "Infinity"})
  void aBlockWithATooLargeElementIsFound(float value) {
    ByteBuffer bytes = ByteBuffer.allocate(128).order(ByteOrder.LITTLE_ENDIAN);
    float[] blocks = new float[64];
    blocks[40] = value;
    assertThat(Encoding.Q8_0.encode(blocks, 0, 64, bytes)).isEqualTo(32);
  }

  @Test
  void safetensorsHaveNoBlocks() {
    assertThatThrownBy(() -> new SafetensorsWriter(Encoding.Q8_0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("q8_0");
  }
}
