package dev.lanewise.trainer.reliability;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.trainer.cli.LanewiseProcess;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A gigabyte of text is trained on with a heap of an eighth of it. */
@Tag("exhaustive")
@Timeout(1800)
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "there is no TERM")
class LargeTextTest {

  private static final long BYTES = 1L << 30;

  @TempDir private Path folder;

  @Test
  void aGigabyteIsStreamed() throws Exception {
    Path text = folder.resolve("large.txt");
    writeLarge(text);
    List<String> arguments = new ArrayList<>(List.of("train", "--data", text.toString()));
    arguments.addAll(List.of("--out", folder.resolve("run").toString(), "--tokenizer=char"));
    arguments.addAll(List.of("--layers=1", "--d-model=16", "--heads=2", "--d-ff=32"));
    arguments.addAll(List.of("--context=16", "--batch=2", "--sample-tokens=0", "--steps=1"));
    try (LanewiseProcess process =
        LanewiseProcess.start(folder.resolve("output.txt"), List.of("-Xmx128m"), arguments)) {
      process.awaitOutput("step 1/1: loss");
      // The evaluation of a hundred million characters is not what is tested.
      process.signal("TERM");
      assertThat(process.exitCode()).as(process.output()).isZero();
    }
  }

  private static void writeLarge(Path file) throws IOException {
    byte[] block = TinyTraining.text(1 << 20).getBytes(StandardCharsets.UTF_8);
    try (OutputStream out = Files.newOutputStream(file)) {
      for (long written = 0; written < BYTES; written += block.length) {
        out.write(block);
      }
    }
  }
}
