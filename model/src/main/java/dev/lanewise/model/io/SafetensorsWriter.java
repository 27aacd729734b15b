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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import java.util.function.Supplier;

/**
 * Writes tensors as a safetensors file. The same tensors, in the same order, give the same bytes.
 */
public final class SafetensorsWriter {

  private static final int ALIGNMENT = 8;

  private final Map<String, String> metadata = new TreeMap<>();
  private final Map<String, EncodedTensor> tensors = new LinkedHashMap<>();
  private final Encoding encoding;

  /** Makes a writer of no tensors, which writes float32. */
  public SafetensorsWriter() {
    this(Encoding.F32);
  }

  /**
   * Makes a writer of no tensors.
   *
   * @throws IllegalArgumentException if the format does not have the encoding
   */
  public SafetensorsWriter(Encoding encoding) {
    if (Dtype.of(encoding.name()) == null) {
      throw new IllegalArgumentException("safetensors files do not have " + encoding.id());
    }
    this.encoding = encoding;
  }

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
    add(new EncodedTensor(name, shape, encoding, tensor));
    return this;
  }

  /**
   * Adds some rows of a tensor, which {@link TensorsOnBases} makes whole. It is not copied.
   *
   * @throws IllegalArgumentException if a name is taken, the tensor does not have the rows, or this
   *     does not write float32
   */
  public SafetensorsWriter add(String name, FloatTensor tensor, RowsOnBase rows) {
    if (encoding != Encoding.F32) {
      throw new IllegalArgumentException("rows on a base are written as f32");
    }
    metadata(RowsOnBase.key(name), rows.base());
    if (rows.count() > 0) {
      for (EncodedTensor part : rows.of(name, tensor)) {
        add(part);
      }
    }
    return this;
  }

  private void add(EncodedTensor tensor) {
    String name = tensor.name();
    if (name.equals(SafetensorsHeader.METADATA) || tensors.putIfAbsent(name, tensor) != null) {
      throw new IllegalArgumentException("the name " + name + " is taken");
    }
  }

  /** Returns the names of the tensors, in their order. */
  public Set<String> names() {
    return Collections.unmodifiableSet(tensors.keySet());
  }

  /** Returns the bytes of all tensors. */
  public long tensorBytes() {
    return tensors.values().stream().mapToLong(EncodedTensor::bytes).sum();
  }

  /**
   * Deals the tensors, in their order, to writers of which none has more bytes of them than
   * allowed, except for a single tensor that has more.
   */
  public List<SafetensorsWriter> split(long mostBytes) {
    List<SafetensorsWriter> parts = new ArrayList<>();
    long room = -1;
    for (EncodedTensor tensor : tensors.values()) {
      if (tensor.bytes() > room) {
        SafetensorsWriter part = new SafetensorsWriter(encoding);
        part.metadata.putAll(metadata);
        parts.add(part);
        room = mostBytes;
      }
      parts.get(parts.size() - 1).tensors.put(tensor.name(), tensor);
      room -= tensor.bytes();
    }
    return parts;
  }

  /**
   * Writes the file, in place of one that may be there, and returns when it is on the disk.
   *
   * @throws IOException if that fails, or an element is too large for the encoding, which may leave
   *     a part of the file
   */
  public void write(Path file) throws IOException {
    write(file, bytes -> {});
  }

  /**
   * As {@link #write(Path)}.
   *
   * @param written is told the bytes of each tensor that is written
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

  /** Writes the bytes of the file to a channel, which is neither forced to the disk nor closed. */
  public void write(WritableByteChannel channel) throws IOException {
    write(channel, bytes -> {});
  }

  private void write(WritableByteChannel channel, LongConsumer written) throws IOException {
    byte[] header = header();
    ByteBuffer block = SafetensorsFile.newBlock();
    EncodedTensor.drain(block.putLong(header.length).flip(), channel);
    EncodedTensor.drain(ByteBuffer.wrap(header), channel);
    for (EncodedTensor tensor : tensors.values()) {
      tensor.write(block, channel);
      written.accept(tensor.bytes());
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
      for (EncodedTensor tensor : tensors.values()) {
        long end = begin + tensor.bytes();
        json.writeObjectFieldStart(tensor.name());
        json.writeStringField("dtype", encoding.name());
        int[] shape = tensor.shape().toArray();
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
