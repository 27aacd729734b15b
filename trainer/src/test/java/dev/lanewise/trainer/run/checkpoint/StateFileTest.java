package dev.lanewise.trainer.run.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.trainer.settings.ConfigKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** trainer.json across versions. */
class StateFileTest {

  private static final Path VERSION_2 =
      Path.of("src/test/resources/run-v2/run-char/checkpoints/step-000020/trainer.json");

  @TempDir private Path folder;
  private TrainingState state;
  private String text;

  @BeforeEach
  void renderAStateOfVersion2() throws IOException {
    state = StateFile.read(VERSION_2);
    text = new String(StateFile.render(VERSION_2, state, false), StandardCharsets.UTF_8);
  }

  private TrainingState read(String changed) throws IOException {
    return StateFile.read(Files.writeString(folder.resolve("trainer.json"), changed));
  }

  private static String replace(String text, String old, String replacement) {
    assertThat(text).contains(old);
    return text.replace(old, replacement);
  }

  @Test
  void whatIsWrittenIsVersion4WithTheNamesOfConfigYaml() throws IOException {
    assertThat(text).contains("\"format_version\" : 4");
    for (ConfigKey key : ConfigKey.values()) {
      assertThat(text.contains('"' + key.key() + "\" : "))
          .as(key.key())
          .isEqualTo(key.isSaidIn(state.settings()));
    }
    assertThat(read(text)).isEqualTo(state);
  }

  @Test
  void namesOfVersion2AreUnderstood() {
    assertThat(state.step()).isEqualTo(20);
    assertThat(state.settings().model().width()).isEqualTo(32);
    assertThat(state.settings().model().feedForwardWidth()).isEqualTo(96);
    assertThat(state.settings().schedule().maxLearningRate()).isEqualTo(1e-3);
    assertThat(state.settings().schedule().minLearningRate()).isEqualTo(1e-4);
    assertThat(state.settings().output().evaluateEvery()).isEqualTo(10);
  }

  @Test
  void aSettingThatAnOlderFileLacksHasItsDefault() throws IOException {
    String old = Files.readString(VERSION_2);

    TrainingState lacking3 = read(replace(text, "\"d_ff\" : 96,", ""));
    assertThat(lacking3.settings()).isEqualTo(state.settings().with(ConfigKey.D_FF, 512));
    TrainingState lacking2 = read(replace(old, "\"feedForwardWidth\" : 96,", ""));
    assertThat(lacking2).isEqualTo(lacking3);
  }

  @Test
  void aFieldOfANewerFileIsNamedWithTheVersion() {
    assertThatThrownBy(() -> read(replace(text, "\"d_ff\"", "\"rope_base\" : 1e4, \"d_ff\"")))
        .isInstanceOf(InvalidFileException.class)
        .hasMessageContainingAll("trainer.json", "state.settings.rope_base", "version 4");
    assertThatThrownBy(() -> read(replace(text, "\"skipped\"", "\"later\" : {}, \"skipped\"")))
        .isInstanceOf(InvalidFileException.class)
        .hasMessageContainingAll("trainer.json", "state.later", "version 4");
    assertThatThrownBy(
            () -> read(replace(text, "\"format_version\" : 4", "\"format_version\" : 6")))
        .isInstanceOf(InvalidFileException.class)
        .hasMessageContainingAll("trainer.json", "format_version", "found 6");
  }

  /** An older Lanewise, which would miss a part of the model, says that it is too old for it. */
  @Test
  void aStateThatGoesWithBasesOfTablesIsVersion5() throws IOException {
    String onBases = new String(StateFile.render(VERSION_2, state, true), StandardCharsets.UTF_8);
    assertThat(onBases)
        .isEqualTo(replace(text, "\"format_version\" : 4", "\"format_version\" : 5"));
    assertThat(read(onBases)).isEqualTo(state);
  }

  @Test
  void namesOfOneVersionAreUnknownInTheOther() {
    assertThatThrownBy(() -> read(replace(text, "\"d_ff\"", "\"feedForwardWidth\"")))
        .hasMessageContaining("state.settings.feedForwardWidth");
    assertThatThrownBy(
            () -> read(replace(text, "\"format_version\" : 4", "\"format_version\" : 2")))
        .hasMessageContaining("state.settings");
  }

  @Test
  void aValueOfAnotherTypeIsNamed() {
    assertThatThrownBy(() -> read(replace(text, "\"d_ff\" : 96", "\"d_ff\" : 4294967296")))
        .hasMessageContaining("state.settings.d_ff");
    assertThatThrownBy(() -> read(replace(text, "\"d_ff\" : 96", "\"d_ff\" : \"96\"")))
        .hasMessageContaining("state.settings.d_ff");
    assertThatThrownBy(
            () -> read(replace(text, "\"tokenizer\" : \"char\"", "\"tokenizer\" : \"a b\"")))
        .hasMessageContainingAll("state.settings.tokenizer", "is not a name");
  }
}
