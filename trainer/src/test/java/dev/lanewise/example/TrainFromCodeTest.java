package dev.lanewise.example;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The README's example compiles, does what it says, and is the one in the README. */
class TrainFromCodeTest {

  @Test
  void learnsASentenceByHeart() {
    String sentence = "the quick brown fox jumps over the lazy dog. ";
    String written = TrainFromCode.trainAndWrite(sentence.repeat(40), 400, "the quick ");
    assertThat(written).startsWith("brown fox jumps over the lazy dog.");
  }

  @Test
  void theReadmeShowsTheseLines() throws IOException {
    ExampleSource.requireShown(
        Path.of("..", "README.md"), TrainFromCode.class, "// README: begin", "// README: end");
  }
}
