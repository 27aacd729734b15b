package dev.lanewise.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.kernels.scalar.ScalarKernels;
import dev.lanewise.model.Transformer;
import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.trainer.fixture.SmallModel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FirstInputsTest {

  @TempDir private Path folder;

  @Test
  void isReadAsItWasWritten() throws IOException {
    ParameterStore weights = SmallModel.ofBytePairs().transformer().initialize(3);
    FirstInputs inputs = FirstInputs.of("ab12", weights);
    Path file = Files.write(folder.resolve("begun.json"), inputs.render());
    assertThat(FirstInputs.read(file)).isEqualTo(inputs);
    assertThat(FirstInputs.read(folder.resolve("none.json"))).isNull();
    assertThat(FirstInputs.of("ab12", null).weights()).isEmpty();
  }

  @Test
  void everyWeightCounts() {
    ParameterStore weights = SmallModel.ofBytePairs().transformer().initialize(3);
    String before = FirstInputs.of("", weights).weights();
    assertThat(before).matches("[0-9a-f]{64}");
    for (int at : new int[] {0, weights.data().length / 2, weights.data().length - 1}) {
      float value = weights.data()[at];
      weights.data()[at] = Math.nextUp(value);
      assertThat(FirstInputs.of("", weights).weights()).as("%d", at).isNotEqualTo(before);
      weights.data()[at] = value;
    }
    assertThat(FirstInputs.of("", weights).weights()).isEqualTo(before);
  }

  /** What stays as it is may lie nowhere as floats: the SHA-256 of its files stands for it. */
  @Test
  void ofAnAdapterTheBaseCountsAndWhatIsTrained() {
    Transformer all = SmallModel.ofBytePairs().transformer();
    Transformer part =
        new Transformer(
            all.config(),
            ScalarKernels.create(),
            1,
            all.time(),
            name -> name.contains("attention"));
    ParameterStore weights = part.initialize(3);
    int trained = part.layout().trainableSize();
    String before = FirstInputs.ofAdapted("", "ab", weights).weights();
    assertThat(before).matches("[0-9a-f]{64}");
    assertThat(FirstInputs.ofAdapted("", "ac", weights).weights()).isNotEqualTo(before);
    assertThat(trained).isPositive().isLessThan(weights.data().length);
    for (int at : new int[] {0, trained - 1, trained}) {
      float value = weights.data()[at];
      weights.data()[at] = Math.nextUp(value);
      boolean same = FirstInputs.ofAdapted("", "ab", weights).weights().equals(before);
      assertThat(same).as("%d", at).isEqualTo(at == trained);
      weights.data()[at] = value;
    }
  }

  @Test
  void aDamagedFileIsNamed() throws IOException {
    Path file = folder.resolve("begun.json");
    byte[] whole = new FirstInputs("ab12", "").render();
    for (int length = 0; length < whole.length - 2; length++) {
      Files.write(file, Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> FirstInputs.read(file))
          .isInstanceOf(InvalidFileException.class)
          .hasMessageContaining("begun.json");
    }
    String newer =
        new String(whole, StandardCharsets.UTF_8)
            .replace("\"format_version\" : 1", "\"format_version\" : 2");
    Files.writeString(file, newer);
    assertThatThrownBy(() -> FirstInputs.read(file))
        .isInstanceOf(InvalidFileException.class)
        .hasMessageContainingAll("format_version", "found 2");
  }
}
