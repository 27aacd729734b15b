package dev.lanewise.trainer.reliability;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.trainer.cli.LanewiseProcess;
import dev.lanewise.trainer.fixture.SmallSettings;
import dev.lanewise.trainer.fixture.Texts;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A gigabyte of text is trained on with a heap that could not hold it. */
@Tag("programs")
@Tag("exhaustive")
@Timeout(1800)
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "there is no TERM")
class LargeTextTest {

  private static final long BYTES = 1L << 30;

  @TempDir private Path folder;

  private LanewiseProcess train(Path text, String tokenizer, String heap) throws IOException {
    List<String> arguments =
        SmallSettings.trainCommand(
            text, folder.resolve("run"), tokenizer, "--batch=32", "--steps=1", "--threads=2");
    return LanewiseProcess.start(folder.resolve("output.txt"), List.of(heap), arguments);
  }

  @Test
  void aGigabyteOfCharactersIsStreamed() throws Exception {
    Path text = folder.resolve("large.txt");
    writeLarge(text);
    try (LanewiseProcess process = train(text, "--tokenizer=char", "-Xmx128m")) {
      process.awaitOutput("step 1/1: loss");
      // The evaluation of a hundred million characters is not what is tested.
      process.signal("TERM");
      assertThat(process.exitCode()).as(process.output()).isZero();
    }
  }

  /** More different words than the tokenizer's training remembers, and the whole evaluation. */
  @Test
  void aGigabyteOfDifferentWordsIsStreamed() throws Exception {
    Path text = folder.resolve("large.txt");
    writeWords(text);
    try (LanewiseProcess process = train(text, "--tokenizer=bpe", "-Xmx768m")) {
      assertThat(process.exitCode()).as(process.output()).isZero();
      assertThat(process.output()).contains("step 1: validation loss", "Done: 1 steps.");
    }
  }

  /** Every second word is one of 16^4 to 16^7. */
  private static void writeWords(Path file) throws IOException {
    String[] common = Texts.words(1000).split("\\s", -1);
    SplittableRandom random = new SplittableRandom(2);
    try (BufferedWriter out = Files.newBufferedWriter(file)) {
      long written = 0;
      while (written < BYTES) {
        String word = common[random.nextInt(common.length)];
        int letters = 4 + random.nextInt(4);
        out.append(word).append(' ');
        for (int i = 0; i < letters; i++) {
          out.append((char) ('a' + random.nextInt(16)));
        }
        out.append(random.nextInt(10) == 0 ? '\n' : ' ');
        written += word.length() + letters + 2;
      }
    }
  }

  private static void writeLarge(Path file) throws IOException {
    byte[] block = Texts.words(1 << 20).getBytes(StandardCharsets.UTF_8);
    try (OutputStream out = Files.newOutputStream(file)) {
      for (long written = 0; written < BYTES; written += block.length) {
        out.write(block);
      }
    }
  }
}
