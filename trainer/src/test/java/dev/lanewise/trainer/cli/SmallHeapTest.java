package dev.lanewise.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.trainer.fixture.SmallSettings;
import dev.lanewise.trainer.fixture.Texts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A heap far too small is a sentence, whichever size it has, and never a stack trace. */
@Tag("programs")
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SmallHeapTest {

  @TempDir private Path folder;

  private String refusal(String heap, List<String> arguments) throws Exception {
    try (LanewiseProcess process =
        LanewiseProcess.start(folder.resolve("out"), List.of("-Xmx" + heap), arguments)) {
      assertThat(process.exitCode()).as(heap).isEqualTo(1);
      assertThat(process.output())
          .as(heap)
          .doesNotContain("Exception", "Error", "\tat ", "bug in Lanewise");
      return process.output();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"3m", "4m", "6m", "8m"})
  void whatNothingFitsIntoIsToldAtOnce(String heap) throws Exception {
    assertThat(refusal(heap, List.of("--version")))
        .contains("The heap is too small to start Lanewise", "-Xmx512m");
  }

  @Test
  void whatTheRunDoesNotFitIntoNamesWhatWouldDoAndTheOptionsThatTakeLess() throws Exception {
    Path text = Files.writeString(folder.resolve("text.txt"), Texts.LINES);
    assertThat(refusal("16m", SmallSettings.trainCommand(text, folder.resolve("run"))))
        .contains("the heap may grow to", "LANEWISE_JAVA_OPTS=-Xmx1g", "--batch", "--context");
  }
}
