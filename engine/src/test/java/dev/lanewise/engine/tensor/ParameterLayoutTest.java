package dev.lanewise.engine.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;

class ParameterLayoutTest {

  @Test
  void laysParametersOutOneAfterAnother() {
    ParameterLayout.Builder builder = ParameterLayout.builder();
    Parameter weight = builder.add("weight", 3, 4);
    Parameter bias = builder.add("bias", 4);
    ParameterLayout layout = builder.build();

    assertThat(layout.size()).isEqualTo(16);
    assertThat(layout.parameters()).containsExactly(weight, bias);
    assertThat(layout.parameter("bias")).isEqualTo(new Parameter("bias", Shape.of(4), 1, 12));
    assertThat(weight.isMatrix()).isTrue();
    assertThat(bias.isMatrix()).isFalse();
  }

  @Test
  void aBuiltLayoutDoesNotGrow() {
    ParameterLayout.Builder builder = ParameterLayout.builder();
    builder.add("a", 2);
    ParameterLayout layout = builder.build();
    builder.add("b", 3);

    assertThat(layout.size()).isEqualTo(2);
    assertThat(layout.parameters()).hasSize(1);
    assertThatThrownBy(() -> layout.parameter("b"))
        .isInstanceOf(NoSuchElementException.class)
        .hasMessageContaining("b");
  }

  @Test
  void refusesANameTwice() {
    ParameterLayout.Builder builder = ParameterLayout.builder();
    builder.add("a", 2);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.add("a", 2))
        .withMessageContaining("a");
  }

  @Test
  void refusesMoreThanAnArrayHolds() {
    ParameterLayout.Builder builder = ParameterLayout.builder();
    builder.add("a", 1 << 30);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.add("b", 1 << 30))
        .withMessageContaining("2147483648")
        .withMessageContaining("smaller");
  }

  @Test
  void storesOfALayoutShareItsPlaces() {
    ParameterLayout.Builder builder = ParameterLayout.builder();
    builder.add("a", 2);
    builder.add("b", 2, 1);
    ParameterStore store = new ParameterStore(builder.build());
    store.tensor("b").set(1, 5);

    assertThat(store.data()).containsExactly(0, 0, 0, 5);
    assertThat(store.tensor("b").shape()).isEqualTo(Shape.of(2, 1));
  }
}
