package dev.lanewise.trainer.text;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;

/** Reads a source into memory. */
final class Text {

  private Text() {}

  static String of(TextSource source) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    source.copyTo(out::write);
    return out.toString(UTF_8);
  }
}
