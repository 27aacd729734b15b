package dev.lanewise.model.io;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The header of a safetensors file: eight bytes of length, little-endian, then a JSON object that
 * says where in the rest of the file each tensor lies. Read as a stream, and believed only as far
 * as the file bears it out.
 */
final class SafetensorsHeader {

  /** The format's own limit. */
  static final int MOST_BYTES = 100_000_000;

  /** Bytes of the header's length. */
  static final int LENGTH_BYTES = Long.BYTES;

  static final String METADATA = "__metadata__";

  /** Far more than any model has; keeps what a header of empty tensors takes in proportion. */
  private static final int MOST_TENSORS = 100_000;

  private static final int MOST_DIMENSIONS = 32;

  private static final String AGAIN = "copy or download it again";
  private static final String WEB_PAGE = "a web page, not the file itself; " + AGAIN;

  /** What a pointer file of Git LFS begins with, "version ", as a length. */
  private static final long GIT_LFS = 0x206e6f6973726576L;

  /** What other files begin with that come by such a name: the low half of the length. */
  private static final Map<Integer, String> OTHERS =
      Map.of(
          0x46554747,
          "a GGUF file under another name; give the model's folder as Hugging Face has it",
          0x04034b50,
          "what torch.save writes (.bin, .pth) under another name; save the model with"
              + " save_pretrained of a current transformers, which writes safetensors",
          0x4f44213c, // <!DO
          WEB_PAGE,
          0x6d74683c, // <htm
          WEB_PAGE);

  private final Map<String, String> metadata;
  private final Map<String, Entry> entries;
  private final long dataStart;

  /**
   * A tensor of the file.
   *
   * @param begin its first byte, counted from the end of the header
   * @param end the byte after its last
   */
  record Entry(String name, Dtype dtype, List<Long> shape, long begin, long end) {}

  private SafetensorsHeader(Map<String, String> metadata, List<Entry> entries, long dataStart) {
    this.metadata = metadata;
    this.entries = LinkedHashMap.newLinkedHashMap(entries.size());
    for (Entry entry : entries) {
      this.entries.put(entry.name(), entry);
    }
    this.dataStart = dataStart;
  }

  Map<String, String> metadata() {
    return metadata;
  }

  /** The tensors by name, in the order of their data. */
  Map<String, Entry> entries() {
    return entries;
  }

  /** Where in the file the data begin. */
  long dataStart() {
    return dataStart;
  }

  static SafetensorsHeader read(Path file, FileChannel channel) throws IOException {
    long size = channel.size();
    if (size < LENGTH_BYTES) {
      throw new InvalidFileException(
          file,
          "header length",
          "the file has %s, not even 8; %s".formatted(Counted.of(size, "byte"), AGAIN));
    }
    long length = readLength(file, channel);
    if (length == GIT_LFS) {
      throw RegularFile.pointer(file);
    }
    if (length < 0 || length > MOST_BYTES) {
      String other = OTHERS.get((int) length);
      if (other != null) {
        throw new InvalidFileException(file, "", other);
      }
      throw new InvalidFileException(
          file,
          "header length",
          "is %s, more than the %d bytes allowed"
              .formatted(Long.toUnsignedString(length), MOST_BYTES));
    }
    if (length > size - LENGTH_BYTES) {
      throw new InvalidFileException(
          file,
          "header length",
          "is %d, but the file has only %d bytes: it is cut short; %s"
              .formatted(length, size, AGAIN));
    }
    var in = new HeaderInput(channel, LENGTH_BYTES, length);
    if (in.first() != '{') {
      throw new InvalidFileException(file, "header", "does not start with {");
    }
    Map<String, String> metadata = new LinkedHashMap<>();
    List<Entry> entries = new ArrayList<>();
    try (StrictJson json = new StrictJson(file, in)) {
      json.expectObject("header");
      for (String name = json.nextName("header"); name != null; name = json.nextName("header")) {
        if (name.equals(METADATA)) {
          readMetadata(json, metadata);
        } else if (entries.size() == MOST_TENSORS) {
          throw json.problem("header", "has more than " + MOST_TENSORS + " tensors");
        } else {
          entries.add(readEntry(json, name));
        }
      }
      json.expectEnd();
    }
    long dataStart = LENGTH_BYTES + length;
    checkOffsets(file, entries, size - dataStart);
    return new SafetensorsHeader(metadata, entries, dataStart);
  }

  private static long readLength(Path file, FileChannel channel) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    while (bytes.hasRemaining()) {
      if (channel.read(bytes, bytes.position()) < 0) {
        throw new InvalidFileException(file, "header length", "the file ends inside");
      }
    }
    return bytes.getLong(0);
  }

  private static void readMetadata(StrictJson json, Map<String, String> metadata)
      throws IOException {
    json.expectObject(METADATA);
    for (String key = json.nextName(METADATA); key != null; key = json.nextName(METADATA)) {
      if (metadata.size() == MOST_TENSORS) {
        throw json.problem(METADATA, "has more than " + MOST_TENSORS + " entries");
      }
      metadata.put(key, json.nextString(METADATA + "." + key));
    }
  }

  private static Entry readEntry(StrictJson json, String name) throws IOException {
    json.expectObject(name);
    Dtype dtype = null;
    List<Long> shape = null;
    List<Long> offsets = null;
    for (String key = json.nextName(name); key != null; key = json.nextName(name)) {
      switch (key) {
        case "dtype" -> dtype = readDtype(json, name + ".dtype");
        case "shape" -> shape = readSizes(json, name + ".shape", MOST_DIMENSIONS);
        case "data_offsets" -> offsets = readSizes(json, name + ".data_offsets", 2);
        default -> throw json.problem(name + "." + key, "is not a field of a tensor");
      }
    }
    requirePresent(json, name + ".dtype", dtype);
    requirePresent(json, name + ".shape", shape);
    requirePresent(json, name + ".data_offsets", offsets);
    if (offsets.size() != 2 || offsets.get(0) > offsets.get(1)) {
      throw json.problem(name + ".data_offsets", offsets + " is not a begin and an end");
    }
    Entry entry = new Entry(name, dtype, shape, offsets.get(0), offsets.get(1));
    checkSize(json, entry);
    return entry;
  }

  private static Dtype readDtype(StrictJson json, String field) throws IOException {
    String name = json.nextString(field);
    Dtype dtype = Dtype.of(name);
    if (dtype == null) {
      throw json.problem(field, "unknown type " + InvalidFileException.quote(name));
    }
    return dtype;
  }

  private static List<Long> readSizes(StrictJson json, String field, int most) throws IOException {
    json.expectArray(field);
    List<Long> sizes = new ArrayList<>();
    for (long size = json.nextSize(field); size >= 0; size = json.nextSize(field)) {
      if (sizes.size() == most) {
        throw json.problem(field, "has more than " + most + " numbers");
      }
      sizes.add(size);
    }
    return List.copyOf(sizes);
  }

  private static void requirePresent(StrictJson json, String field, Object value)
      throws InvalidFileException {
    if (value == null) {
      throw json.problem(field, "is missing");
    }
  }

  private static void checkSize(StrictJson json, Entry entry) throws InvalidFileException {
    long bits = entry.dtype().bits();
    try {
      for (long dimension : entry.shape()) {
        bits = Math.multiplyExact(bits, dimension);
      }
    } catch (ArithmeticException e) {
      throw json.problem(
          entry.name() + ".shape", entry.shape() + " has more elements than can be counted");
    }
    long found = entry.end() - entry.begin();
    if (bits % Byte.SIZE != 0 || bits / Byte.SIZE != found) {
      throw json.problem(
          entry.name() + ".data_offsets",
          "%s of shape %s takes %d bits, but the offsets hold %d bytes"
              .formatted(entry.dtype(), entry.shape(), bits, found));
    }
  }

  /** Sorts the tensors by place and checks that they fill the data exactly. */
  private static void checkOffsets(Path file, List<Entry> entries, long dataBytes)
      throws InvalidFileException {
    entries.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
    long end = 0;
    for (Entry entry : entries) {
      if (entry.begin() != end) {
        throw new InvalidFileException(
            file,
            entry.name() + ".data_offsets",
            "begins at %d, where the data up to it end at %d: %s"
                .formatted(entry.begin(), end, entry.begin() < end ? "an overlap" : "a hole"));
      }
      end = entry.end();
    }
    if (end != dataBytes) {
      throw new InvalidFileException(
          file,
          "data_offsets",
          "the tensors take %d bytes, but %d bytes follow the header%s"
              .formatted(end, dataBytes, dataBytes < end ? ": it is cut short; " + AGAIN : ""));
    }
  }

  /** The bytes of the header as a stream that ends where the header does. */
  private static final class HeaderInput extends InputStream {

    private static final int BUFFER = 1 << 16;

    private final FileChannel channel;
    private final long end;
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER).limit(0);
    private long position;

    HeaderInput(FileChannel channel, long start, long length) {
      this.channel = channel;
      this.position = start;
      this.end = start + length;
    }

    private boolean fill() throws IOException {
      if (buffer.hasRemaining()) {
        return true;
      }
      if (position == end) {
        return false;
      }
      buffer.clear().limit((int) Math.min(BUFFER, end - position));
      int read = channel.read(buffer, position);
      buffer.flip();
      position += Math.max(read, 0);
      return read > 0;
    }

    /** The next byte, which stays the next one; -1 at the end. */
    int first() throws IOException {
      return fill() ? buffer.get(buffer.position()) : -1;
    }

    @Override
    public int read() throws IOException {
      return fill() ? Byte.toUnsignedInt(buffer.get()) : -1;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      if (length == 0) {
        return 0;
      }
      if (!fill()) {
        return -1;
      }
      int n = Math.min(length, buffer.remaining());
      buffer.get(bytes, offset, n);
      return n;
    }
  }
}
