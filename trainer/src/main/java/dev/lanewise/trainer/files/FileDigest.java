package dev.lanewise.trainer.files;

import dev.lanewise.model.io.RegularFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.function.LongConsumer;

/**
 * What a file holds.
 *
 * @param size in bytes
 * @param sha256 in hex
 */
public record FileDigest(long size, String sha256) {

  private static final int BLOCK = 1 << 18;

  /** Reads a file. */
  public static FileDigest of(Path file) throws IOException {
    return of(file, bytes -> {});
  }

  /**
   * Reads a file.
   *
   * @param read is told the bytes of each block
   */
  public static FileDigest of(Path file, LongConsumer read) throws IOException {
    try (FileChannel channel = RegularFile.openChannel(file)) {
      return of(channel, read);
    }
  }

  /** Reads a file from where the channel stands to its end. */
  static FileDigest of(FileChannel channel, LongConsumer read) throws IOException {
    MessageDigest digest = Sha256.digest();
    ByteBuffer block = ByteBuffer.allocate(BLOCK);
    long size = 0;
    while (channel.read(block) >= 0) {
      size += block.position();
      read.accept(block.position());
      digest.update(block.array(), 0, block.position());
      block.clear();
    }
    return new FileDigest(size, HexFormat.of().formatHex(digest.digest()));
  }
}
