package dev.lanewise.model.io;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.lanewise.engine.tensor.FloatTensor;
import dev.lanewise.engine.tensor.Shape;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * Writes float32 tensors as a safetensors file. The same tensors, in the same order, give the same
 * bytes.
 */
public final class SafetensorsWriter {

  private static final int ALIGNMENT = 8;

  private final Map<String, String> metadata = new TreeMap<>();
  private final Map<String, Entry> tensors = new LinkedHashMap<>();

  /** A tensor, which may be made only when it is written. */
  private record Entry(Shape shape, Supplier<FloatTensor> tensor) {}

  /** Makes a writer of no tensors. */
  public SafetensorsWriter() {}

  /** Adds a text to accompany the tensors; of two with one key the last is kept. */
  public SafetensorsWriter metadata(String key, String value) {
    metadata.put(key, value);
    return this;
  }

  /**
   * Adds a tensor. It is not copied: what it holds when the file is written is what counts.
   *
   * @throws IllegalArgumentException if the name is taken
   */
  public SafetensorsWriter add(String name, FloatTensor tensor) {
    return add(name, tensor.shape(), () -> tensor);
  }

  /**
   * Adds a tensor that is made when it is written, one at a time.
   *
   * @throws IllegalArgumentException if the name is taken
   */
  public SafetensorsWriter add(String name, Shape shape, Supplier<FloatTensor> tensor) {
    Entry entry = new Entry(shape, tensor);
    if (name.equals(SafetensorsHeader.METADATA) || tensors.putIfAbsent(name, entry) != null) {
      throw new IllegalArgumentException("the name " + name + " is taken");
    }
    return this;
  }

  /**
   * Writes the file, in place of one that may be there, and returns when it is on the disk.
   *
   * @throws IOException if that fails, which may leave a part of the file
   */
  public void write(Path file) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      write(channel);
      channel.force(true);
    }
  }

  /** Writes the bytes of the file to a channel, which is neither forced to the disk nor closed. */
  public void write(WritableByteChannel channel) throws IOException {
    byte[] header = header();
    ByteBuffer block = SafetensorsFile.newBlock();
    block.putLong(header.length);
    drain(block, channel);
    drain(ByteBuffer.wrap(header).position(header.length), channel);
    for (Entry entry : tensors.values()) {
      FloatTensor tensor = entry.tensor.get();
      for (int from = 0; from < tensor.size(); ) {
        int n = Math.min(block.capacity() / Float.BYTES, tensor.size() - from);
        block.clear().asFloatBuffer().put(tensor.data(), tensor.offset() + from, n);
        drain(block.position(n * Float.BYTES), channel);
        from += n;
      }
    }
  }

  private static void drain(ByteBuffer bytes, WritableByteChannel channel) throws IOException {
    bytes.flip();
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  private byte[] header() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = StrictJson.FACTORY.createGenerator(bytes)) {
      json.writeStartObject();
      if (!metadata.isEmpty()) {
        json.writeObjectFieldStart(SafetensorsHeader.METADATA);
        for (Map.Entry<String, String> text : metadata.entrySet()) {
          json.writeStringField(text.getKey(), text.getValue());
        }
        json.writeEndObject();
      }
      long begin = 0;
      for (Map.Entry<String, Entry> tensor : tensors.entrySet()) {
        long end = begin + (long) tensor.getValue().shape.size() * Float.BYTES;
        json.writeObjectFieldStart(tensor.getKey());
        json.writeStringField("dtype", Dtype.F32.name());
        int[] shape = tensor.getValue().shape.toArray();
        json.writeFieldName("shape");
        json.writeArray(shape, 0, shape.length);
        json.writeFieldName("data_offsets");
        json.writeArray(new long[] {begin, end}, 0, 2);
        json.writeEndObject();
        begin = end;
      }
      json.writeEndObject();
    }
    // The format pads with spaces, so that the data are aligned.
    int padded = Math.ceilDiv(bytes.size(), ALIGNMENT) * ALIGNMENT;
    byte[] header = Arrays.copyOf(bytes.toByteArray(), padded);
    Arrays.fill(header, bytes.size(), padded, (byte) ' ');
    return header;
  }
}
