package dev.lanewise.model.io;

import dev.lanewise.engine.tensor.FloatTensor;
import dev.lanewise.engine.tensor.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.List;
import java.util.function.Supplier;

/**
 * A tensor that is made only when it is written, and how it is encoded.
 *
 * @param parts its elements in order, in tensors of whole blocks of the encoding; each is written
 *     before the next one is made
 */
record EncodedTensor(String name, Shape shape, Encoding encoding, Iterable<FloatTensor> parts) {

  /** Of a tensor that is made at once. */
  EncodedTensor(String name, Shape shape, Encoding encoding, Supplier<FloatTensor> tensor) {
    this(name, shape, encoding, () -> List.of(tensor.get()).iterator());
  }

  long bytes() {
    return encoding.bytes(shape.size());
  }

  /**
   * Writes the elements by way of a buffer, which is overwritten.
   *
   * @throws IllegalArgumentException if the encoding cannot hold one of them
   */
  void write(ByteBuffer block, WritableByteChannel channel) throws IOException {
    int before = 0;
    for (FloatTensor part : parts) {
      write(part, before, block, channel);
      before += part.size();
    }
  }

  private void write(FloatTensor part, int before, ByteBuffer block, WritableByteChannel channel)
      throws IOException {
    int fitting = block.capacity() / (int) encoding.bytes(encoding.blockSize());
    int most = fitting * encoding.blockSize();
    for (int from = 0; from < part.size(); from += most) {
      int n = Math.min(most, part.size() - from);
      block.clear();
      int tooLarge = encoding.encode(part.data(), part.offset() + from, n, block);
      if (tooLarge >= 0) {
        throw new IllegalArgumentException(
            "%s: element %d is %s, which %s cannot hold; bf16 and f32 can"
                .formatted(
                    name, before + from + tooLarge, part.get(from + tooLarge), encoding.id()));
      }
      drain(block.flip(), channel);
    }
  }

  static void drain(ByteBuffer bytes, WritableByteChannel channel) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }
}
