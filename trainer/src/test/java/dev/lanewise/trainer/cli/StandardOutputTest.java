package dev.lanewise.trainer.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Output that is lost is a failure; a reader who has had enough is none. */
class StandardOutputTest {

  private final StringWriter err = new StringWriter();

  private int run(OutputStream out, String... args) {
    return LanewiseCommand.execute(
        new StandardOutput(out, () -> false), UTF_8, new PrintWriter(err, true), args);
  }

  private static OutputStream failing(String reason) {
    return new OutputStream() {
      @Override
      public void write(int b) throws IOException {
        throw new IOException(reason);
      }
    };
  }

  @Test
  void whatIsWrittenArrives() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    assertThat(run(out, "--version")).isZero();
    assertThat(out.toString(UTF_8)).startsWith("lanewise ");
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void aFullDiskIsAFailureOfEveryCommand() {
    for (List<String> args : List.of(List.of("--version"), List.of("generate", "--help"))) {
      assertThat(run(failing("No space left on device"), args.toArray(String[]::new))).isEqualTo(1);
      assertThat(err.toString())
          .contains("the output could not be written: No space left on device");
    }
    assertThat(run(failing("No space left on device"), "nope")).as("a wrong call").isEqualTo(2);
  }

  @Test
  void aClosedPipeIsQuiet() {
    assertThat(run(failing("Broken pipe"), "--version")).isZero();
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void theProcessFailsOnAFullDevice() throws IOException, InterruptedException {
    Path full = Path.of("/dev/full");
    assumeTrue(Files.isWritable(full), "there is no /dev/full here");
    try (LanewiseProcess process = LanewiseProcess.start(full, List.of(), List.of("--version"))) {
      assertThat(process.exitCode()).isEqualTo(1);
    }
  }
}
