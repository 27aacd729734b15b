package dev.lanewise.trainer.text;

import dev.lanewise.trainer.fixture.Texts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Prints the text of a folder, in a JVM whose locale a test chooses. */
final class TextInOrder {

  private TextInOrder() {}

  public static void main(String[] args) throws IOException {
    System.out.print(Texts.of(TextFiles.of(List.of(Path.of(args[0])))));
  }
}
