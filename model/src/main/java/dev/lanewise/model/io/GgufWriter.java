package dev.lanewise.model.io;

import dev.lanewise.engine.tensor.FloatTensor;
import dev.lanewise.engine.tensor.Shape;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongConsumer;
import java.util.function.Supplier;

/**
 * Writes a model as a GGUF file of version 3, which llama.cpp reads. The same values and tensors,
 * in the same order, give the same bytes.
 */
public final class GgufWriter {

  private static final int VERSION = 3;
  private static final int ALIGNMENT = 32;

  private static final int UINT32 = 4;
  private static final int INT32 = 5;
  private static final int FLOAT32 = 6;
  private static final int BOOL = 7;
  private static final int STRING = 8;
  private static final int ARRAY = 9;

  private final Map<String, GgufValue> metadata = new LinkedHashMap<>();
  private final Map<String, EncodedTensor> tensors = new LinkedHashMap<>();

  /** Makes a writer of nothing. */
  public GgufWriter() {}

  /**
   * Adds a value.
   *
   * @throws IllegalArgumentException if the key is taken
   */
  public GgufWriter put(String key, GgufValue value) {
    if (metadata.putIfAbsent(key, value) != null) {
      throw new IllegalArgumentException("the key " + key + " is taken");
    }
    return this;
  }

  /**
   * Adds a tensor that is made when it is written, one at a time.
   *
   * @param shape as we have it, the length of a row last
   * @throws IllegalArgumentException if the name is taken, or rows are no whole blocks
   */
  public GgufWriter add(String name, Shape shape, Encoding encoding, Supplier<FloatTensor> tensor) {
    int row = shape.dimension(shape.rank() - 1);
    if (row % encoding.blockSize() != 0) {
      throw new IllegalArgumentException(
          "%s has rows of %d, which are no blocks of %d"
              .formatted(name, row, encoding.blockSize()));
    }
    EncodedTensor added = new EncodedTensor(name, shape, encoding, tensor);
    if (tensors.putIfAbsent(name, added) != null) {
      throw new IllegalArgumentException("the name " + name + " is taken");
    }
    return this;
  }

  /** Returns the bytes of all tensors. */
  public long tensorBytes() {
    return tensors.values().stream().mapToLong(EncodedTensor::bytes).sum();
  }

  /**
   * Writes the file, in place of one that may be there, and returns when it is on the disk.
   *
   * @param written is told the bytes of each tensor that is written
   * @throws IOException if that fails, or an element is too large for its encoding, which may leave
   *     a part of the file
   */
  public void write(Path file, LongConsumer written) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      write(channel, written);
      channel.force(true);
    }
  }

  private void write(WritableByteChannel channel, LongConsumer written) throws IOException {
    Header header = new Header();
    EncodedTensor.drain(ByteBuffer.wrap(header.aligned()), channel);
    ByteBuffer block = SafetensorsFile.newBlock();
    for (EncodedTensor tensor : tensors.values()) {
      tensor.write(block, channel);
      int padding = (int) (padded(tensor.bytes()) - tensor.bytes());
      EncodedTensor.drain(ByteBuffer.allocate(padding), channel);
      written.accept(tensor.bytes());
    }
  }

  private static long padded(long bytes) {
    return Math.ceilDiv(bytes, ALIGNMENT) * ALIGNMENT;
  }

  /** What comes before the tensors. */
  private final class Header {

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final ByteBuffer number =
        ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);

    Header() {
      bytes.writeBytes("GGUF".getBytes(StandardCharsets.US_ASCII));
      put32(VERSION);
      put64(tensors.size());
      put64(metadata.size());
      metadata.forEach(
          (key, value) -> {
            putText(key);
            putValue(value);
          });
      long offset = 0;
      for (EncodedTensor tensor : tensors.values()) {
        putTensor(tensor, offset);
        offset += padded(tensor.bytes());
      }
    }

    byte[] aligned() {
      bytes.writeBytes(new byte[(int) (GgufWriter.padded(bytes.size()) - bytes.size())]);
      return bytes.toByteArray();
    }

    private void putTensor(EncodedTensor tensor, long offset) {
      putText(tensor.name());
      Shape shape = tensor.shape();
      put32(shape.rank());
      for (int i = shape.rank() - 1; i >= 0; i--) {
        put64(shape.dimension(i));
      }
      put32(tensor.encoding().ggmlType());
      put64(offset);
    }

    private void putValue(GgufValue value) {
      if (value instanceof GgufValue.Unsigned number) {
        put32(UINT32);
        put32((int) number.value());
      } else if (value instanceof GgufValue.Real real) {
        put32(FLOAT32);
        put32(Float.floatToRawIntBits(real.value()));
      } else if (value instanceof GgufValue.Flag flag) {
        put32(BOOL);
        bytes.write(flag.value() ? 1 : 0);
      } else if (value instanceof GgufValue.Text text) {
        put32(STRING);
        putText(text.value());
      } else if (value instanceof GgufValue.Texts texts) {
        putArray(STRING, texts.values().size());
        texts.values().forEach(this::putText);
      } else if (value instanceof GgufValue.Integers integers) {
        putArray(INT32, integers.values().size());
        integers.values().forEach(this::put32);
      } else if (value instanceof GgufValue.Reals reals) {
        putArray(FLOAT32, reals.values().size());
        reals.values().forEach(real -> put32(Float.floatToRawIntBits(real)));
      }
    }

    private void putArray(int type, int length) {
      put32(ARRAY);
      put32(type);
      put64(length);
    }

    private void putText(String text) {
      byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
      put64(utf8.length);
      bytes.writeBytes(utf8);
    }

    private void put32(int value) {
      bytes.write(number.putInt(0, value).array(), 0, Integer.BYTES);
    }

    private void put64(long value) {
      bytes.write(number.putLong(0, value).array(), 0, Long.BYTES);
    }
  }
}
