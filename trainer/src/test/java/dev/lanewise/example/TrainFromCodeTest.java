package dev.lanewise.example;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The README's example compiles, does what it says, and is the one in the README. */
class TrainFromCodeTest {

  private static final Path README = Path.of("..", "README.md");
  private static final Path SOURCE =
      Path.of("src", "test", "java", "dev", "lanewise", "example", "TrainFromCode.java");

  @Test
  void learnsASentenceByHeart() {
    String sentence = "the quick brown fox jumps over the lazy dog. ";
    String written = TrainFromCode.trainAndWrite(sentence.repeat(40), 400, "the quick ");
    assertThat(written).startsWith("brown fox jumps over the lazy dog.");
  }

  @Test
  void theReadmeShowsTheseLines() throws IOException {
    String source = Files.readString(SOURCE);
    int begin = source.indexOf('\n', source.indexOf("// README: begin")) + 1;
    int end = source.lastIndexOf('\n', source.indexOf("// README: end")) + 1;
    String example = source.substring(begin, end).stripTrailing().stripIndent();
    assertThat(Files.readString(README).replace("\r\n", "\n")).contains(example);
  }
}
