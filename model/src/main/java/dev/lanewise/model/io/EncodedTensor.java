package dev.lanewise.model.io;

import dev.lanewise.engine.tensor.FloatTensor;
import dev.lanewise.engine.tensor.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.function.Supplier;

/** A tensor that is made only when it is written, and how it is encoded. */
record EncodedTensor(String name, Shape shape, Encoding encoding, Supplier<FloatTensor> tensor) {

  long bytes() {
    return encoding.bytes(shape.size());
  }

  /**
   * Writes the elements by way of a buffer, which is overwritten.
   *
   * @throws IllegalArgumentException if the encoding cannot hold one of them
   */
  void write(ByteBuffer block, WritableByteChannel channel) throws IOException {
    FloatTensor made = tensor.get();
    int fitting = block.capacity() / (int) encoding.bytes(encoding.blockSize());
    int most = fitting * encoding.blockSize();
    for (int from = 0; from < made.size(); from += most) {
      int n = Math.min(most, made.size() - from);
      block.clear();
      int tooLarge = encoding.encode(made.data(), made.offset() + from, n, block);
      if (tooLarge >= 0) {
        throw new IllegalArgumentException(
            "%s: element %d is %s, which %s cannot hold; bf16 and f32 can"
                .formatted(name, from + tooLarge, made.get(from + tooLarge), encoding.id()));
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
