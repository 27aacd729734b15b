package dev.lanewise.model.io;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsShardsTest {

  @TempDir private Path folder;

  private Path index(String file) throws IOException {
    return Files.writeString(
        folder.resolve("model.safetensors.index.json"),
        "{\"weight_map\":{\"w\":\"%s\"}}".formatted(file));
  }

  /** In the form of JSON. */
  @ParameterizedTest
  @ValueSource(strings = {"", "/", "..", ".", "../x", "/etc/passwd", "a\\u0000b", "a/b"})
  void whatIsNoFileBesideTheIndexIsNamedWithTheTensor(String file) throws IOException {
    Path index = index(file);
    assertThatThrownBy(() -> SafetensorsShards.open(index))
        .isInstanceOf(InvalidFileException.class)
        .hasMessageContainingAll(index.toString(), "weight_map.w", "not a file beside it");
  }

  @Test
  void aFileThatIsMissingIsNamedWithTheIndexThatNamesIt() throws IOException {
    Path index = index("none.safetensors");
    assertThatThrownBy(() -> SafetensorsShards.open(index))
        .isInstanceOf(InvalidFileException.class)
        .hasMessageContainingAll(
            folder.resolve("none.safetensors").toString(),
            "is missing",
            "model.safetensors.index.json names it");
  }
}
