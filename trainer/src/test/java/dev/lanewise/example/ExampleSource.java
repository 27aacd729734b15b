package dev.lanewise.example;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The lines of an example's source between two marks, and the document that shows them. */
final class ExampleSource {

  private static final Path FOLDER = Path.of("src", "test", "java", "dev", "lanewise", "example");

  private ExampleSource() {}

  static void requireShown(Path document, Class<?> example, String begin, String end)
      throws IOException {
    String source = Files.readString(FOLDER.resolve(example.getSimpleName() + ".java"));
    int from = source.indexOf('\n', source.indexOf(begin)) + 1;
    int to = source.lastIndexOf('\n', source.indexOf(end)) + 1;
    assertThat(from).as(begin).isPositive().isLessThan(to);
    assertThat(Files.readString(document).replace("\r\n", "\n"))
        .contains(source.substring(from, to).stripTrailing().stripIndent());
  }
}
