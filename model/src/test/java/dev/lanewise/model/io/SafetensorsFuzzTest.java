package dev.lanewise.model.io;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.engine.random.RandomStream;
import dev.lanewise.engine.tensor.FloatTensor;
import dev.lanewise.engine.tensor.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Valid files, damaged. A damaged file either is refused by an {@link InvalidFileException} or is
 * another valid file, of which every tensor can be asked for; nothing else may be thrown.
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SafetensorsFuzzTest {

  @TempDir Path folder;
  private ProbedFile file;

  @BeforeEach
  void makeFile() {
    file = new ProbedFile(folder.resolve("fuzz.safetensors"));
  }

  @Test
  void aFileCutShortAnywhereIsRefused() throws IOException {
    byte[] valid = validFile();
    assertThat(file.isReadable(valid)).isTrue();
    for (int length = 0; length < valid.length; length++) {
      assertThat(file.isReadable(Arrays.copyOf(valid, length))).as("%d", length).isFalse();
    }
    assertThat(file.isReadable(Arrays.copyOf(valid, valid.length + 1))).isFalse();
  }

  @Test
  void aFlippedBitIsRefusedOrMakesAnotherValidFile() throws IOException {
    byte[] valid = validFile();
    int refused = 0;
    for (int bit = 0; bit < valid.length * 8; bit++) {
      byte[] damaged = valid.clone();
      damaged[bit / 8] ^= (byte) (1 << bit % 8);
      refused += file.isReadable(damaged) ? 0 : 1;
    }
    // What is left are names, texts, dimensions of the same product, and the numbers themselves.
    assertThat(refused).isGreaterThan(valid.length * 8 / 3);
  }

  @Test
  void randomDamageIsRefusedOrMakesAnotherValidFile() throws IOException {
    byte[] valid = validFile();
    RandomStream random = new RandomStream(1, RandomStream.DIAGNOSTICS, 0);
    int refused = 0;
    for (int i = 0; i < 5000; i++) {
      byte[] damaged = valid;
      for (int n = random.nextInt(4); n >= 0; n--) {
        damaged = damage(damaged, random);
      }
      refused += file.isReadable(damaged) ? 0 : 1;
    }
    // What is left has other names, texts and numbers.
    assertThat(refused).isBetween(1000, 4500);
  }

  private static final String[] LIES = {
    "-1",
    "0",
    "9223372036854775807",
    "9223372036854775808",
    "1e999999999",
    "null",
    "{}",
    "[",
    "\"\"",
    "\"F64\"",
    "\"__metadata__\"",
    ",",
    "}",
    "\\u0000",
    "\\ud800",
    "NaN",
    "[[[[[[[[",
    "18446744073709551616"
  };

  private static byte[] damage(byte[] bytes, RandomStream random) {
    // Rather in the header than in the data.
    int at = random.nextInt(Math.max(1, bytes.length - 20));
    int n = Math.min(bytes.length - at, random.nextInt(12));
    byte[] lie = LIES[random.nextInt(LIES.length)].getBytes(StandardCharsets.UTF_8);
    return switch (random.nextInt(8)) {
      case 0 -> splice(bytes, at, n, new byte[0]);
      case 1 -> splice(bytes, at, n, lie);
      case 2 -> splice(bytes, at, 0, Arrays.copyOfRange(bytes, at, at + n));
      case 3 -> splice(bytes, at, 1, new byte[] {(byte) random.nextInt()});
      default -> splice(bytes, at, 1, new byte[] {another(bytes[at], random)});
    };
  }

  /** Another digit or letter, which leaves the form of JSON whole. */
  private static byte another(byte was, RandomStream random) {
    if (Character.isDigit(was)) {
      return (byte) ('0' + random.nextInt(10));
    }
    return Character.isLetter(was) ? (byte) ('a' + random.nextInt(26)) : was;
  }

  /** Replaces some bytes and corrects the header's length, so that the damage gets past it. */
  private static byte[] splice(byte[] bytes, int at, int n, byte[] by) {
    byte[] spliced = new byte[bytes.length - n + by.length];
    System.arraycopy(bytes, 0, spliced, 0, at);
    System.arraycopy(by, 0, spliced, at, by.length);
    System.arraycopy(bytes, at + n, spliced, at + by.length, bytes.length - at - n);
    if (at >= Long.BYTES && spliced.length >= Long.BYTES) {
      ByteBuffer buffer = ByteBuffer.wrap(spliced).order(ByteOrder.LITTLE_ENDIAN);
      buffer.putLong(0, buffer.getLong(0) - n + by.length);
    }
    return spliced;
  }

  private static byte[] validFile() throws IOException {
    return ProbedFile.bytes(
        new SafetensorsWriter()
            .metadata("format", "pt")
            .add("wte", new FloatTensor(new float[] {1, 2, 3, 4, 5, 6}, 0, Shape.of(2, 3)))
            .add("bias", new FloatTensor(new float[] {-1, 0.5f}, 0, Shape.of(2)))
            .add("empty", new FloatTensor(new float[0], 0, Shape.of(0, 7)))
            .add("h.0.w", new FloatTensor(new float[] {7, 8}, 0, Shape.of(1, 2, 1))));
  }
}
