package dev.lanewise.model.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads the GGUF files that tests write, by the format's description. */
public final class GgufReader {

  private static final Map<Integer, String> TENSOR_TYPES =
      Map.of(0, "F32", 1, "F16", 8, "Q8_0", 30, "BF16");

  /** Names and bytes of the types of values. */
  private static final Map<Integer, String> VALUE_TYPES =
      Map.of(4, "UINT32", 5, "INT32", 6, "FLOAT32", 7, "BOOL", 8, "STRING", 9, "ARRAY");

  /** A value and the name of its type. */
  public record Value(String type, Object value) {}

  /**
   * A tensor.
   *
   * @param shape the length of a row first
   */
  public record Tensor(List<Long> shape, String type, ByteBuffer data) {

    /** Returns a copy of the data. */
    public byte[] bytes() {
      byte[] bytes = new byte[data.remaining()];
      data.duplicate().get(bytes);
      return bytes;
    }
  }

  private final Map<String, Value> metadata = new LinkedHashMap<>();
  private final Map<String, Tensor> tensors = new LinkedHashMap<>();
  private final ByteBuffer bytes;

  private GgufReader(byte[] file) {
    this.bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Reads a file, and checks that tensors follow each other, aligned, to its end. */
  public static GgufReader read(Path file) throws IOException {
    GgufReader reader = new GgufReader(Files.readAllBytes(file));
    reader.read();
    return reader;
  }

  /** Returns the values. */
  public Map<String, Value> metadata() {
    return metadata;
  }

  /** Returns the tensors. */
  public Map<String, Tensor> tensors() {
    return tensors;
  }

  private record Place(String name, List<Long> shape, int type, long offset) {}

  private void read() {
    require(bytes.getInt() == 0x46554747, "magic");
    require(bytes.getInt() == 3, "version");
    long tensorCount = bytes.getLong();
    long valueCount = bytes.getLong();
    for (long i = 0; i < valueCount; i++) {
      String key = text();
      int type = bytes.getInt();
      require(metadata.put(key, value(type)) == null, "key twice: " + key);
    }
    List<Place> places = new ArrayList<>();
    for (long i = 0; i < tensorCount; i++) {
      String name = text();
      List<Long> shape = new ArrayList<>();
      for (int rank = bytes.getInt(); rank > 0; rank--) {
        shape.add(bytes.getLong());
      }
      places.add(new Place(name, shape, bytes.getInt(), bytes.getLong()));
    }
    skipPadding();
    int start = bytes.position();
    for (Place place : places) {
      require(bytes.position() == start + place.offset(), "offset of " + place.name());
      String type = TENSOR_TYPES.get(place.type());
      byte[] data = new byte[(int) size(type, place.shape())];
      bytes.get(data);
      skipPadding();
      require(
          tensors.put(place.name(), new Tensor(place.shape(), type, ByteBuffer.wrap(data))) == null,
          "tensor twice: " + place.name());
    }
    require(!bytes.hasRemaining(), "end");
  }

  private static long size(String type, List<Long> shape) {
    long n = shape.stream().reduce(1L, (a, b) -> a * b);
    return switch (type) {
      case "F32" -> 4 * n;
      case "Q8_0" -> n / 32 * 34;
      default -> 2 * n;
    };
  }

  private void skipPadding() {
    while (bytes.position() % 32 != 0) {
      require(bytes.get() == 0, "padding");
    }
  }

  private Value value(int type) {
    String name = VALUE_TYPES.get(type);
    Object value =
        switch (name) {
          case "UINT32" -> Integer.toUnsignedLong(bytes.getInt());
          case "INT32" -> (long) bytes.getInt();
          case "FLOAT32" -> (double) bytes.getFloat();
          case "BOOL" -> bytes.get() != 0;
          case "STRING" -> text();
          default -> null;
        };
    if (value != null) {
      return new Value(name, value);
    }
    int element = bytes.getInt();
    Object[] values = new Object[(int) bytes.getLong()];
    Arrays.setAll(values, i -> value(element).value());
    return new Value(name + "/" + VALUE_TYPES.get(element), Arrays.asList(values));
  }

  private String text() {
    byte[] utf8 = new byte[(int) bytes.getLong()];
    bytes.get(utf8);
    return new String(utf8, StandardCharsets.UTF_8);
  }

  private static void require(boolean right, String what) {
    if (!right) {
      throw new AssertionError("not a GGUF file: " + what);
    }
  }
}
