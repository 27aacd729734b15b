package dev.lanewise.trainer.text;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** Tells by the first bytes of a file whether it is something else than text. */
final class FileKind {

  /** How many bytes of a file are looked at. */
  static final int PROBE_BYTES = 1 << 13;

  /** The first bytes, as characters of Latin-1. */
  private record Magic(String name, String first) {}

  private static final List<Magic> MAGICS =
      List.of(
          new Magic("PDF", "%PDF-"),
          new Magic("PNG image", "\u0089PNG\r\n"),
          new Magic("JPEG image", "\u00FF\u00D8\u00FF"),
          new Magic("GIF image", "GIF87a"),
          new Magic("GIF image", "GIF89a"),
          new Magic("ZIP archive", "PK\u0003\u0004"),
          new Magic("ZIP archive", "PK\u0005\u0006"),
          new Magic("gzip file", "\u001F\u008B"),
          new Magic("bzip2 file", "BZh91AY&SY"),
          new Magic("xz file", "\u00FD7zXZ"),
          new Magic("zstd file", "(\u00B5/\u00FD"),
          new Magic("7z archive", "7z\u00BC\u00AF'\u001C"),
          new Magic("RAR archive", "Rar!\u001A"),
          new Magic("ELF program", "\u007FELF"),
          new Magic("Java class", "\u00CA\u00FE\u00BA\u00BE"),
          new Magic("Office document", "\u00D0\u00CF\u0011\u00E0"),
          new Magic("Ogg file", "OggS\u0000"),
          new Magic("Parquet file", "PAR1\u0015"),
          new Magic("pointer to a file that Git LFS keeps", "version https://git-lfs.github.com/"),
          new Magic("text in UTF-16", "\u00FF\u00FE"),
          new Magic("text in UTF-16", "\u00FE\u00FF"));

  private FileKind() {}

  /**
   * Says what a file is if it is no text.
   *
   * @param head its first {@value #PROBE_BYTES} bytes, or all of them
   * @return words for people; null if it may be text
   */
  static String ofBinary(byte[] head) {
    String text = new String(head, StandardCharsets.ISO_8859_1);
    for (Magic magic : MAGICS) {
      if (text.startsWith(magic.first())) {
        return magic.name();
      }
    }
    for (byte b : head) {
      if (b == 0) {
        return "it has a NUL byte near its beginning";
      }
    }
    return null;
  }
}
