package dev.lanewise.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.trainer.fixture.HuggingFaceModels;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Text that is held as a whole, of an input that has no end. */
class EndlessInputTest {
  @TempDir private Path folder;

  /** Of one byte, for as long as it is read; a test would not see the end either. */
  private static final class Endless extends InputStream {
    private static final long PATIENCE = 1L << 28;

    private final byte value;
    private long given;

    private Endless(int value) {
      this.value = (byte) value;
    }

    @Override
    public int read() {
      given++;
      assertThat(given).isLessThan(PATIENCE);
      return value;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) {
      Arrays.fill(bytes, offset, offset + length, value);
      given += length;
      assertThat(given).isLessThan(PATIENCE);
      return length;
    }
  }

  private static CommandRun withInput(InputStream input, String... arguments) {
    InputStream before = System.in;
    System.setIn(input);
    try {
      return CommandRun.of(arguments);
    } finally {
      System.setIn(before);
    }
  }

  /** Cleaning takes zeros away, so that of what is left the end would never come. */
  @ParameterizedTest
  @ValueSource(ints = {0, 'a'})
  void aPromptIsBounded(int value) {
    CommandRun run =
        withInput(new Endless(value), "generate", "--model=nowhere", "--prompt-file", "-");

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("--prompt-file -", "more than 16 MiB").doesNotContain("bug");
  }

  @Test
  void aMessageOfAChatIsBounded() throws IOException {
    Path model = HuggingFaceModels.copy("llama3", folder.resolve("model"));
    CommandRun run =
        withInput(new Endless('a'), "chat", "--model=" + model, "--threads=1", "--max-tokens=1");

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err())
        .contains("line 1 of the standard input", "more than 16 MiB")
        .doesNotContain("bug");
  }
}
