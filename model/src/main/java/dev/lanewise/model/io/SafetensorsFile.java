package dev.lanewise.model.io;

import dev.lanewise.engine.tensor.Shape;
import dev.lanewise.kernels.Precision;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.Set;

/**
 * A safetensors file opened for reading, its header validated. Tensors are copied straight to where
 * they belong, in small blocks.
 *
 * <p>Whatever is wrong with the file is an {@link InvalidFileException}; other {@link IOException}s
 * mean that the disk or the permissions are at fault.
 */
public final class SafetensorsFile implements TensorReader {

  private static final int BLOCK_BYTES = 1 << 18;

  private final Path file;
  private final FileChannel channel;
  private final SafetensorsHeader header;

  private SafetensorsFile(Path file, FileChannel channel, SafetensorsHeader header) {
    this.file = file;
    this.channel = channel;
    this.header = header;
  }

  /** A buffer in the byte order of the format. */
  static ByteBuffer newBlock() {
    return ByteBuffer.allocate(BLOCK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * Opens a file and validates its header: the format's rules, that no name comes twice, and that
   * the tensors fill the file exactly.
   *
   * @throws InvalidFileException if the file is missing or breaks a rule
   */
  public static SafetensorsFile open(Path file) throws IOException {
    requireRegularFile(file);
    FileChannel channel = RegularFile.openChannel(file);
    try {
      return new SafetensorsFile(file, channel, SafetensorsHeader.read(file, channel));
    } catch (IOException | RuntimeException | Error e) {
      try (channel) {
        throw e;
      }
    }
  }

  static void requireRegularFile(Path file) throws InvalidFileException {
    if (Files.notExists(file)) {
      throw new InvalidFileException(file, "", "the file is missing");
    }
    RegularFile.require(file, problem -> new InvalidFileException(file, "", problem));
  }

  /** Returns the names of the tensors in the order of their data. */
  @Override
  public Set<String> names() {
    return Collections.unmodifiableSet(header.entries().keySet());
  }

  /** Returns the texts that accompany the tensors. */
  public Map<String, String> metadata() {
    return Collections.unmodifiableMap(header.metadata());
  }

  @Override
  public Path fileOf(String name) {
    return file;
  }

  @Override
  public boolean isNarrowed(String name) {
    return header.entries().get(name).dtype() == Dtype.F64;
  }

  @Override
  public Precision precision(String name) {
    return header.entries().get(name).dtype().precision();
  }

  @Override
  public void require(String name, Shape shape) throws InvalidFileException {
    SafetensorsHeader.Entry entry = header.entries().get(name);
    if (entry == null) {
      throw new InvalidFileException(
          file, name, "expected a tensor of shape " + shape + ", found none of that name");
    }
    String expected = Arrays.stream(shape.toArray()).boxed().toList().toString();
    if (!entry.shape().toString().equals(expected)) {
      throw new InvalidFileException(
          file, name, "expected shape " + expected + ", found " + entry.shape());
    }
    if (!entry.dtype().isReadable()) {
      throw new InvalidFileException(
          file,
          name,
          "expected elements of type F32, F16, BF16 or F64, found %s; convert the file to float32"
              .formatted(entry.dtype()));
    }
  }

  /** The first dimension of a tensor; 0 if there is none of that name. */
  int firstDimension(String name) throws InvalidFileException {
    SafetensorsHeader.Entry entry = header.entries().get(name);
    if (entry == null) {
      return 0;
    }
    if (entry.shape().isEmpty() || entry.shape().getFirst() > Integer.MAX_VALUE) {
      throw new InvalidFileException(file, name, "is of shape " + entry.shape());
    }
    return entry.shape().getFirst().intValue();
  }

  @Override
  public void read(String name, Shape shape, int from, int count, float[] into, int offset)
      throws IOException {
    require(name, shape);
    SafetensorsHeader.Entry entry = header.entries().get(name);
    int elementBytes = entry.dtype().bits() / Byte.SIZE;
    long position = header.dataStart() + entry.begin();
    ByteBuffer block = newBlock();
    int end = from + count;
    for (int at = from; at < end; ) {
      int n = Math.min(BLOCK_BYTES / elementBytes, end - at);
      readBlock(name, block, position + (long) at * elementBytes, n * elementBytes);
      int to = offset + at - from;
      entry.dtype().read(block, into, to, n);
      requireFinite(name, into, to, at, n);
      at += n;
    }
  }

  private void readBlock(String name, ByteBuffer block, long position, int bytes)
      throws IOException {
    block.clear().limit(bytes);
    while (block.hasRemaining()) {
      if (read(block, position + block.position()) < 0) {
        throw new InvalidFileException(file, name, "the file became shorter while it was read");
      }
    }
    block.flip();
  }

  /** A result may be written meanwhile: whose failure it is has to be told. */
  private int read(ByteBuffer block, long position) throws IOException {
    try {
      return channel.read(block, position);
    } catch (IOException e) {
      throw new UnreadableFileException(file.toString(), e);
    }
  }

  private void requireFinite(String name, float[] values, int offset, int first, int n)
      throws InvalidFileException {
    for (int i = 0; i < n; i++) {
      float value = values[offset + i];
      if (!Float.isFinite(value)) {
        throw new InvalidFileException(file, name, "element " + (first + i) + " is " + value);
      }
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
