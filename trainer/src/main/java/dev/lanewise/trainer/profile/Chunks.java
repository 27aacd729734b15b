package dev.lanewise.trainer.profile;

import dev.lanewise.model.io.RegularFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The parts that a flight recorder's file is made of, each with its length in front. The JDK's
 * reader takes an end in the middle of one for damage of any kind, or for no event.
 */
final class Chunks {

  /** "FLR" and a zero. */
  private static final int MAGIC = 0x464c5200;

  private static final int HEADER_BYTES = 68;
  private static final int LENGTH_AT = 8;

  private Chunks() {}

  /** Requires that a file is made of whole chunks. */
  static void requireWhole(Path file) throws IOException {
    RegularFile.require(
        file,
        problem -> new InvalidRecordingException(file, problem + "; give a .jfr file or a run"));
    try (InputStream in = RegularFile.open(file)) {
      long end = Files.size(file);
      long at = 0;
      do {
        long chunk = length(file, ByteBuffer.wrap(in.readNBytes(HEADER_BYTES)), at, end);
        in.skipNBytes(chunk - HEADER_BYTES);
        at += chunk;
      } while (at < end);
    }
  }

  private static long length(Path file, ByteBuffer header, long at, long end) throws IOException {
    int read = header.limit();
    boolean begins = read >= Integer.BYTES && header.getInt(0) == MAGIC;
    if (!begins && at == 0) {
      throw new InvalidRecordingException(
          file,
          "not a recording of the flight recorder (JFR); `lanewise train --profile` makes one");
    }
    if (!begins && read == HEADER_BYTES) {
      throw new InvalidRecordingException(
          file, "damaged: no part of a recording begins at byte %d; record again".formatted(at));
    }
    long chunk = read == HEADER_BYTES ? header.getLong(LENGTH_AT) : 0;
    if (read == HEADER_BYTES && chunk == 0) {
      throw new InvalidRecordingException(
          file, "not complete: its JVM still writes it, or was killed; wait, or record again");
    }
    if (chunk < HEADER_BYTES || chunk > end - at) {
      throw new InvalidRecordingException(
          file, "cut short after %,d bytes; copy it again, or record again".formatted(end));
    }
    return chunk;
  }
}
