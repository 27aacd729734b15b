package dev.lanewise.model.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.lanewise.engine.tensor.FloatTensor;
import dev.lanewise.engine.tensor.Shape;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsTest {

  @TempDir Path folder;

  private static FloatTensor tensor(Shape shape, float... data) {
    return new FloatTensor(data, 0, shape);
  }

  @Test
  void writesTheFormatToTheByte() throws IOException {
    Path file = folder.resolve("a.safetensors");
    new SafetensorsWriter()
        .metadata("z", "last")
        .metadata("format", "pt")
        .add("b", tensor(Shape.of(2, 1), 1f, -2f))
        .add("a", tensor(Shape.of(), 0.5f))
        .write(file);
    String header =
        "{\"__metadata__\":{\"format\":\"pt\",\"z\":\"last\"},"
            + "\"b\":{\"dtype\":\"F32\",\"shape\":[2,1],\"data_offsets\":[0,8]},"
            + "\"a\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[8,12]}}";
    String padding = " ".repeat(Math.floorMod(-header.length(), 8));
    byte[] expected = SafetensorsBytes.of(header + padding, 12);
    byte[] data = {0, 0, (byte) 0x80, 0x3f, 0, 0, 0, (byte) 0xc0, 0, 0, 0, 0x3f};
    System.arraycopy(data, 0, expected, expected.length - 12, 12);

    assertThat(Files.readAllBytes(file)).isEqualTo(expected);
    assertThat((expected.length - 12) % 8).isZero();
  }

  @Test
  void aChannelReceivesTheSameBytesAsAFile() throws IOException {
    SafetensorsWriter writer =
        new SafetensorsWriter().add("a", tensor(Shape.of(3), 1f, 2f, 3f)).metadata("k", "v");
    Path file = folder.resolve("a.safetensors");
    Files.writeString(file, "what was there before, and longer than what comes".repeat(10));
    writer.write(file);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    writer.write(Channels.newChannel(bytes));

    assertThat(bytes.toByteArray()).isEqualTo(Files.readAllBytes(file));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 65_535, 65_536, 65_537, 200_000})
  void readsBackWhatItWroteWhateverItsSize(int size) throws IOException {
    float[] data = new float[size + 7];
    for (int i = 0; i < data.length; i++) {
      data[i] = (float) Math.sin(i);
    }
    Path file = folder.resolve("a.safetensors");
    new SafetensorsWriter()
        .add("first", tensor(Shape.of(1), 5f))
        .add("slice", new FloatTensor(data, 3, Shape.of(size)))
        .write(file);
    float[] found = new float[size + 9];
    try (SafetensorsFile in = SafetensorsFile.open(file)) {
      assertThat(in.names()).containsExactly("first", "slice");
      in.read("slice", new FloatTensor(found, 2, Shape.of(size)));
    }
    for (int i = 0; i < found.length; i++) {
      float expected = i < 2 || i >= size + 2 ? 0 : data[i + 1];
      assertThat(found[i]).isEqualTo(expected);
    }
  }

  @Test
  void namesMayBeAnything() throws IOException {
    String name = "a \"b\" \\ \n ü 😀 /../x";
    Path file = folder.resolve("ü 1.safetensors");
    new SafetensorsWriter().add(name, tensor(Shape.of(1), 5f)).metadata(name, name).write(file);
    try (SafetensorsFile in = SafetensorsFile.open(file)) {
      FloatTensor found = tensor(Shape.of(1), 0f);
      in.read(name, found);
      assertThat(found.get(0)).isEqualTo(5f);
      assertThat(in.metadata()).containsExactly(Map.entry(name, name));
    }
  }

  @Test
  void aNameIsTakenOnce() {
    SafetensorsWriter writer = new SafetensorsWriter().add("a", tensor(Shape.of(1), 5f));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> writer.add("a", tensor(Shape.of(1), 6f)))
        .withMessageContaining("a");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> writer.add("__metadata__", tensor(Shape.of(1), 6f)));
  }

  @Test
  void theOrderInTheHeaderNeedNotBeThatOfTheData() throws IOException {
    Path file = folder.resolve("a.safetensors");
    String header =
        "{\"b\":{\"data_offsets\":[4,12],\"shape\":[2],\"dtype\":\"F32\"},"
            + "\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}";
    Files.write(file, SafetensorsBytes.of(header, 12));
    try (SafetensorsFile in = SafetensorsFile.open(file)) {
      assertThat(in.names()).containsExactly("a", "b");
      in.read("b", tensor(Shape.of(2), 1f, 1f));
    }
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
  void numbersThatAreNotFiniteAreNamed(float value) throws IOException {
    Path file = folder.resolve("a.safetensors");
    new SafetensorsWriter()
        .add("fine", tensor(Shape.of(1), 1f))
        .add("h.0.bad", tensor(Shape.of(2, 2), 1f, 2f, value, 3f))
        .write(file);
    try (SafetensorsFile in = SafetensorsFile.open(file)) {
      in.read("fine", tensor(Shape.of(1), 0f));
      assertThatExceptionOfType(InvalidFileException.class)
          .isThrownBy(() -> in.read("h.0.bad", new FloatTensor(new float[4], 0, Shape.of(2, 2))))
          .withMessageContaining(file.toString())
          .withMessageContaining("h.0.bad")
          .withMessageContaining("element 2 is " + value);
    }
  }

  @Test
  void saysWhatItExpectedAndWhatItFound() throws IOException {
    Path file = folder.resolve("a.safetensors");
    String header =
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[0,24]},"
            + "\"short\":{\"dtype\":\"I16\",\"shape\":[2],\"data_offsets\":[24,28]}}";
    Files.write(file, SafetensorsBytes.of(header, 28));
    try (SafetensorsFile in = SafetensorsFile.open(file)) {
      assertThatExceptionOfType(InvalidFileException.class)
          .isThrownBy(() -> in.require("a", Shape.of(3, 2)))
          .withMessageContaining("expected shape [3, 2], found [2, 3]")
          .matches(e -> e.field().equals("a") && e.file().equals(file.toString()));
      assertThatExceptionOfType(InvalidFileException.class)
          .isThrownBy(() -> in.require("b", Shape.of(3, 2)))
          .withMessageContaining("found none");
      assertThatExceptionOfType(InvalidFileException.class)
          .isThrownBy(() -> in.read("short", tensor(Shape.of(2), 0f, 0f)))
          .withMessageContaining("expected elements of type F32, F16, BF16 or F64, found I16")
          .withMessageContaining("convert");
    }
  }

  @Test
  void aFileThatShrinksWhileItIsReadIsNoticed() throws IOException {
    Path file = folder.resolve("a.safetensors");
    new SafetensorsWriter().add("a", tensor(Shape.of(2), 1f, 2f)).write(file);
    try (SafetensorsFile in = SafetensorsFile.open(file)) {
      try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        channel.truncate(Files.size(file) - 1);
      }
      assertThatExceptionOfType(InvalidFileException.class)
          .isThrownBy(() -> in.read("a", tensor(Shape.of(2), 0f, 0f)))
          .withMessageContaining("shorter");
    }
  }

  @Test
  void whatIsNotAFileIsNotOpened() {
    assertThatExceptionOfType(InvalidFileException.class)
        .isThrownBy(() -> SafetensorsFile.open(folder.resolve("none")))
        .withMessageContaining("none")
        .withMessageContaining("missing");
    assertThatExceptionOfType(InvalidFileException.class)
        .isThrownBy(() -> SafetensorsFile.open(folder))
        .withMessageContaining("not a regular file");
  }

  @Test
  void messagesDoNotCarryControlCharactersOrWholePages() {
    var e = new InvalidFileException(Path.of("f"), "a\u001b[31m\n" + "x".repeat(1000), "bad");

    assertThat(e.getMessage()).doesNotContain("\u001b").doesNotContain("\n").contains("...");
    assertThat(e.getMessage().length()).isLessThan(300);
  }
}
