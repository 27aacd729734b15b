package dev.lanewise.model.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class InvalidFileExceptionTest {

  private static final Path FILE = Path.of("tokenizer.json");

  @Test
  void whatAFileHoldsFillsNoScreen() {
    InvalidFileException problem =
        new InvalidFileException(FILE, "vocab", "\"" + "x".repeat(1 << 20) + "\" is no token");
    assertThat(problem.getMessage()).startsWith("tokenizer.json: vocab: \"xxx").endsWith("...");
    assertThat(problem.getMessage().length()).isLessThan(1100);
    assertThat(problem.problem().length()).isLessThan(1100);
  }

  @Test
  void whatAFileHoldsDoesNotReachTheTerminalAsACommand() {
    InvalidFileException problem =
        new InvalidFileException(FILE, "", "\"\u001B[2J\u0007\" is none");
    assertThat(problem).hasMessage("tokenizer.json: \"?[2J?\" is none");
  }

  @Test
  void severalLinesStayLines() {
    String separator = System.lineSeparator();
    InvalidFileException problem =
        new InvalidFileException(FILE, "", "two:" + separator + "  a" + separator + "  b");
    assertThat(problem.problem().lines()).containsExactly("two:", "  a", "  b");
  }
}
