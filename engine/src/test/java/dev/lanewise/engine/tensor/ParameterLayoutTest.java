package dev.lanewise.engine.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;

class ParameterLayoutTest {

  private static Parameter hidden(
      ParameterLayout.Builder builder, String name, boolean trainable, int... dimensions) {
    return builder.add(name, Role.HIDDEN, Initializer.ZEROS, trainable, dimensions);
  }

  @Test
  void laysParametersOutOneAfterAnother() {
    ParameterLayout.Builder builder = ParameterLayout.builder();
    Parameter weight = hidden(builder, "weight", true, 3, 4);
    Parameter bias = builder.add("bias", Role.BIAS, Initializer.ZEROS, true, 4);
    ParameterLayout layout = builder.build();

    assertThat(layout.size()).isEqualTo(16);
    assertThat(layout.trainableSize()).isEqualTo(16);
    assertThat(layout.parameters()).containsExactly(weight, bias);
    assertThat(layout.parameter("bias"))
        .isEqualTo(
            new Parameter("bias", Shape.of(4), List.of(4), Role.BIAS, Initializer.ZEROS, true, 1));
    assertThat(layout.offset(weight)).isZero();
    assertThat(layout.offset(bias)).isEqualTo(12);
    assertThat(weight.rowSize()).isEqualTo(4);
    assertThat(bias.rowSize()).isEqualTo(4);
  }

  @Test
  void whatIsTrainedComesFirst() {
    ParameterLayout.Builder builder = ParameterLayout.builder();
    Parameter a = hidden(builder, "a", false, 5);
    Parameter b = hidden(builder, "b", true, 2, 3);
    Parameter c = hidden(builder, "c", false, 7);
    Parameter d = hidden(builder, "d", true, 4);
    ParameterLayout layout = builder.build();

    assertThat(layout.parameters()).containsExactly(b, d, a, c);
    assertThat(layout.trainable()).containsExactly(b, d);
    assertThat(layout.parameters()).extracting(layout::offset).containsExactly(0, 6, 10, 15);
    assertThat(layout.size()).isEqualTo(22);
    assertThat(layout.trainableSize()).isEqualTo(10);
    assertThat(layout.parameters()).extracting(Parameter::index).containsExactly(1, 3, 0, 2);
  }

  @Test
  void aMatrixSaysOfWhichItIsMade() {
    ParameterLayout.Builder builder = ParameterLayout.builder();
    Parameter qkv =
        builder.add("qkv", List.of(4, 2, 2), Role.HIDDEN, Initializer.ZEROS, true, 4, 8);

    assertThat(qkv.parts()).containsExactly(4, 2, 2);
    assertThat(hidden(builder, "one", true, 3, 5).parts()).containsExactly(5);
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> builder.add("bad", List.of(4, 2), Role.HIDDEN, Initializer.ZEROS, true, 4, 8))
        .withMessageContaining("bad");
  }

  @Test
  void aBuiltLayoutDoesNotGrow() {
    ParameterLayout.Builder builder = ParameterLayout.builder();
    hidden(builder, "a", true, 2);
    ParameterLayout layout = builder.build();
    hidden(builder, "b", true, 3);

    assertThat(layout.size()).isEqualTo(2);
    assertThat(layout.parameters()).hasSize(1);
    assertThat(layout.contains("a")).isTrue();
    assertThat(layout.contains("b")).isFalse();
    assertThatThrownBy(() -> layout.parameter("b"))
        .isInstanceOf(NoSuchElementException.class)
        .hasMessageContaining("b");
  }

  @Test
  void refusesANameTwice() {
    ParameterLayout.Builder builder = ParameterLayout.builder();
    hidden(builder, "a", true, 2);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> hidden(builder, "a", false, 2))
        .withMessageContaining("a");
  }

  @Test
  void refusesMoreThanAnArrayHolds() {
    ParameterLayout.Builder builder = ParameterLayout.builder();
    hidden(builder, "a", true, 1 << 30);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> hidden(builder, "b", true, 1 << 30))
        .withMessageContaining("2147483648")
        .withMessageContaining("smaller");
  }
}
