package dev.lanewise.model.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every rule of the format, broken. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SafetensorsHeaderTest {

  private static final com.sun.management.ThreadMXBean THREADS =
      (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

  @TempDir Path folder;

  private static String tensor(String name, String dtype, String shape, long begin, long end) {
    return "\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%d,%d]}"
        .formatted(name, dtype, shape, begin, end);
  }

  private static String f32(String name, long begin, long end) {
    return tensor(name, "F32", "[" + (end - begin) / 4 + "]", begin, end);
  }

  @Test
  void aPointerOfGitLfsIsNamedAsSuch() throws IOException {
    Path file = folder.resolve("model.safetensors");
    Files.writeString(
        file, "version https://git-lfs.github.com/spec/v1\noid sha256:0123\nsize 12345\n");
    assertThatExceptionOfType(InvalidFileException.class)
        .isThrownBy(() -> SafetensorsFile.open(file))
        .withMessageContainingAll(file.toString(), "pointer of Git LFS", "git lfs pull");
  }

  /**
   * A header, the bytes of data after it, the field that the message has to name, and the fault.
   */
  static Stream<Arguments> broken() {
    String a = f32("a", 0, 4);
    return Stream.of(
        arguments("", 0, "header", "does not start with {"),
        arguments("[1]", 0, "header", "does not start with {"),
        arguments(" {}", 0, "header", "does not start with {"),
        arguments("\ufeff{}", 0, "header", "does not start with {"),
        arguments("{", 0, "header", "JSON"),
        arguments("{" + a, 4, "header", "JSON"),
        arguments("{" + a + "}{}", 4, "", "more after"),
        arguments("{" + a + "}\0", 4, "", "JSON"),
        arguments("{'a':1}", 0, "header", "JSON"),
        arguments("{\"a\":1}", 0, "a", "expected an object"),
        arguments("{\"a\":null}", 0, "a", "expected an object"),
        arguments("{\"a\":{}}", 0, "a.dtype", "is missing"),
        arguments("{\"a\":{\"dtype\":\"F32\"}}", 0, "a.shape", "is missing"),
        arguments("{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}", 4, "a.data_offsets", "is missing"),
        arguments("{" + a.replace("}", ",\"x\":1}") + "}", 4, "a.x", "not a field"),
        arguments("{" + a.replace("\"F32\"", "32") + "}", 4, "a.dtype", "expected a string"),
        arguments("{" + a + "," + a + "}", 4, "header", "uplicate"),
        arguments(
            "{" + a.replace("\"shape\"", "\"dtype\":\"F32\",\"shape\"") + "}", 4, "a", "uplicate"),
        arguments("{\"__metadata__\":{\"k\":\"1\",\"k\":\"2\"}}", 0, "__metadata__", "uplicate"),
        arguments("{\"__metadata__\":{},\"__metadata__\":{}}", 0, "header", "uplicate"),
        arguments("{\"__metadata__\":{\"k\":1}}", 0, "__metadata__.k", "expected a string"),
        arguments("{\"__metadata__\":[]}", 0, "__metadata__", "expected an object"),
        arguments("{" + tensor("a", "F33", "[1]", 0, 4) + "}", 4, "a.dtype", "unknown type F33"),
        arguments("{" + tensor("a", "f32", "[1]", 0, 4) + "}", 4, "a.dtype", "unknown type"),
        arguments("{" + tensor("a", "F32", "[-1]", 0, 4) + "}", 4, "a.shape", "negative"),
        arguments("{" + tensor("a", "F32", "[1.0]", 0, 4) + "}", 4, "a.shape", "integer"),
        arguments("{" + tensor("a", "F32", "[1e0]", 0, 4) + "}", 4, "a.shape", "integer"),
        arguments("{" + tensor("a", "F32", "[\"1\"]", 0, 4) + "}", 4, "a.shape", "integer"),
        arguments("{" + tensor("a", "F32", "[[1]]", 0, 4) + "}", 4, "a.shape", "integer"),
        arguments("{" + tensor("a", "F32", "1", 0, 4) + "}", 4, "a.shape", "an array"),
        arguments(
            "{" + tensor("a", "F32", "[9223372036854775808]", 0, 4) + "}", 4, "a.shape", "JSON"),
        arguments(
            "{" + tensor("a", "F32", "[" + "9".repeat(99) + "]", 0, 4) + "}", 4, "a.shape", "JSON"),
        arguments(
            "{" + tensor("a", "F32", "[4294967296,4294967296]", 0, 0) + "}",
            0,
            "a.shape",
            "more elements"),
        arguments(
            "{" + tensor("a", "F32", "[9223372036854775807]", 0, 4) + "}",
            4,
            "a.shape",
            "more elements"),
        // 2^61 floats of 8 bytes are 2^64: nothing, to arithmetic that wraps around.
        arguments(
            "{" + tensor("a", "F64", "[2305843009213693952]", 0, 0) + "}",
            0,
            "a.shape",
            "more elements"),
        arguments(
            "{" + tensor("a", "F32", "[" + "1,".repeat(32) + "1]", 0, 4) + "}",
            4,
            "a.shape",
            "more than 32"),
        arguments("{" + tensor("a", "F32", "[2]", 0, 4) + "}", 4, "a.data_offsets", "64 bits"),
        arguments("{" + tensor("a", "F16", "[1]", 0, 4) + "}", 4, "a.data_offsets", "16 bits"),
        arguments("{" + tensor("a", "F4", "[3]", 0, 1) + "}", 1, "a.data_offsets", "12 bits"),
        arguments("{" + tensor("a", "F32", "[1]", 4, 0) + "}", 4, "a.data_offsets", "not a begin"),
        arguments(
            "{" + a.replace("[0,4]", "[0]") + "}", 4, "a.data_offsets", "not a begin and an end"),
        arguments("{" + a.replace("[0,4]", "[0,4,8]") + "}", 4, "a.data_offsets", "more than 2"),
        arguments("{" + a.replace("[0,4]", "[-4,0]") + "}", 4, "a.data_offsets", "negative"),
        arguments("{" + f32("a", 4, 8) + "}", 8, "a.data_offsets", "a hole"),
        arguments("{" + a + "," + f32("b", 8, 12) + "}", 12, "b.data_offsets", "a hole"),
        arguments("{" + a + "," + f32("b", 0, 4) + "}", 4, "b.data_offsets", "an overlap"),
        arguments(
            "{" + f32("a", 0, 8) + "," + f32("b", 4, 12) + "}", 12, "b.data_offsets", "overlap"),
        arguments("{" + a + "}", 3, "data_offsets", "take 4 bytes, but 3 bytes follow"),
        arguments("{" + a + "}", 5, "data_offsets", "take 4 bytes, but 5 bytes follow"),
        arguments("{}", 1, "data_offsets", "take 0 bytes, but 1 bytes follow"),
        arguments(
            "{" + tensor("a", "F32", "[2000000000000000]", 0, 8_000_000_000_000_000L) + "}",
            4,
            "data_offsets",
            "follow the header"),
        arguments("{\"a\":" + "[".repeat(100_000) + "}", 0, "a", "expected an object"),
        arguments("{\"" + "a".repeat(10_000) + "\":1}", 0, "header", "JSON"));
  }

  @ParameterizedTest
  @MethodSource("broken")
  void isRefusedWithItsFieldNamed(String header, int dataBytes, String field, String fault)
      throws IOException {
    assertRefused(SafetensorsBytes.of(header, dataBytes), field, fault);
  }

  private void assertRefused(byte[] bytes, String field, String fault) throws IOException {
    Path file = folder.resolve("broken.safetensors");
    Files.write(file, bytes);
    assertThatExceptionOfType(InvalidFileException.class)
        .isThrownBy(() -> SafetensorsFile.open(file).close())
        .withMessageContaining(file.toString())
        .withMessageContaining(fault)
        .matches(e -> e.field().equals(field), "names the field " + field);
  }

  @Test
  void everyKnownTypeIsRecognised() throws IOException {
    Path file = folder.resolve("a.safetensors");
    for (Dtype dtype : Dtype.values()) {
      // Eight elements take as many bytes as one takes bits.
      String header = "{" + tensor("a", dtype.name(), "[2,4]", 0, dtype.bits()) + "}";
      Files.write(file, SafetensorsBytes.of(header, dtype.bits()));
      try (SafetensorsFile in = SafetensorsFile.open(file)) {
        assertThat(in.names()).containsExactly("a");
      }
    }
  }

  @Test
  void emptyTensorsAndNoTensorsAreFine() throws IOException {
    Path file = folder.resolve("a.safetensors");
    String header =
        "{" + f32("a", 0, 4) + "," + tensor("b", "F32", "[0,3]", 4, 4) + "," + f32("c", 4, 8) + "}";
    Files.write(file, SafetensorsBytes.of(header, 8));
    SafetensorsFile.open(file).close();
    Files.write(file, SafetensorsBytes.of("{}   \n", 0));
    SafetensorsFile.open(file).close();
  }

  @Test
  void malformedUtf8IsRefused() throws IOException {
    for (byte[] bad :
        new byte[][] {
          {(byte) 0xff}, // no beginning of anything
          {(byte) 0xc0, (byte) 0x80}, // zero, in more bytes than it takes
          {(byte) 0xed, (byte) 0xa0, (byte) 0x80}, // half of a surrogate pair
          {(byte) 0xf5, (byte) 0x80, (byte) 0x80, (byte) 0x80}, // beyond Unicode
          {(byte) 0xe2, (byte) 0x82} // cut short
        }) {
      byte[] header =
          "{\"__metadata__\":{\"k\":\"????????\"}}".getBytes(StandardCharsets.ISO_8859_1);
      System.arraycopy(bad, 0, header, 22, bad.length);
      assertRefused(SafetensorsBytes.of(header, 0), "header", "UTF-8");
    }
  }

  @Test
  void aLyingLengthIsRefused() throws IOException {
    byte[] header = "{}".getBytes(StandardCharsets.UTF_8);
    for (long length :
        new long[] {-1, Long.MIN_VALUE, Long.MAX_VALUE, 100_000_001, 1L << 32, 100_000_000, 3}) {
      assertRefused(SafetensorsBytes.withLength(length, header, 0), "header length", "is ");
    }
    assertRefused(new byte[7], "header length", "7 bytes");
    assertRefused(new byte[0], "header length", "0 bytes");
    assertRefused(new byte[8], "header", "does not start");
  }

  /** Files that are renamed, or that a download gave in place of the right one. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "GGUF\\3\\0\\0\\0\\1\\0\\0\\0\\0 | a GGUF file",
        "PK\\3\\4\\0\\0\\b\\b\\0\\0\\0 | torch.save",
        "<!DOCTYPE html><html> | a web page",
        "<html><body> | a web page",
        "version https://git-lfs.github.com/spec/v1 | Git LFS"
      })
  void whatElseItIsIsNamed(String content, String message) throws IOException {
    assertRefused(content.translateEscapes().getBytes(StandardCharsets.ISO_8859_1), "", message);
  }

  @Test
  void aFileThatIsCutShortIsCalledSo() throws IOException {
    byte[] whole = SafetensorsBytes.of("{" + tensor("a", "F32", "[2]", 0, 8) + "}", 8);
    assertRefused(Arrays.copyOf(whole, whole.length - 1), "data_offsets", "cut short; copy or");
    assertRefused(Arrays.copyOf(whole, 20), "header length", "cut short; copy or");
    assertRefused(new byte[0], "header length", "copy or download it again");
  }

  /** Reads a header of the greatest size with next to no memory, and says what it takes. */
  private long allocatedByRefusing(Path file) throws IOException {
    assertThatExceptionOfType(InvalidFileException.class)
        .isThrownBy(() -> SafetensorsFile.open(folder.resolve("warm up")).close());
    long before = THREADS.getCurrentThreadAllocatedBytes();
    try {
      SafetensorsFile.open(file).close();
      throw new AssertionError("was not refused");
    } catch (InvalidFileException e) {
      return THREADS.getCurrentThreadAllocatedBytes() - before;
    }
  }

  @Test
  void aGreatHeaderOfNothingTakesNoMemory() throws IOException {
    Path file = folder.resolve("sparse.safetensors");
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      ByteBuffer start = ByteBuffer.allocate(9).order(ByteOrder.LITTLE_ENDIAN);
      start.putLong(100_000_000).put((byte) '{').flip();
      channel.write(start);
      channel.write(ByteBuffer.allocate(1), 8 + 100_000_000 - 1);
    }
    assertThat(allocatedByRefusing(file)).isLessThan(4 << 20);
  }

  @Test
  void aHeaderFullOfEmptyTensorsIsRefusedBeforeItTakesMuch() throws IOException {
    StringBuilder header = new StringBuilder("{");
    for (int i = 0; i < 200_000; i++) {
      header.append(tensor("t" + i, "U8", "[0]", 0, 0)).append(',');
    }
    header.append("\"z\":{}}");
    Path file = folder.resolve("many.safetensors");
    byte[] bytes = SafetensorsBytes.of(header.toString(), 0);
    Files.write(file, bytes);

    // What is garbage at once included.
    assertThat(allocatedByRefusing(file) / 100_000).isLessThan(2048);
    assertRefused(bytes, "header", "more than 100000 tensors");
  }

  @Test
  void textThatIsTooLongIsRefused() throws IOException {
    byte[] header = new byte[40_000_000];
    Arrays.fill(header, (byte) 'x');
    byte[] start = "{\"__metadata__\":{\"k\":\"".getBytes(StandardCharsets.UTF_8);
    System.arraycopy(start, 0, header, 0, start.length);
    Path file = folder.resolve("long.safetensors");
    Files.write(file, SafetensorsBytes.of(header, 0));

    assertThat(allocatedByRefusing(file)).isLessThan(4L * header.length);
  }
}
