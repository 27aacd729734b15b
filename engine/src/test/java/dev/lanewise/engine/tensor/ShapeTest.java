package dev.lanewise.engine.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class ShapeTest {

  @Test
  void knowsItsDimensionsAndSize() {
    Shape shape = Shape.of(2, 3, 4);

    assertThat(shape.rank()).isEqualTo(3);
    assertThat(shape.dimension(1)).isEqualTo(3);
    assertThat(shape.size()).isEqualTo(24);
    assertThat(shape).hasToString("[2, 3, 4]");
  }

  @Test
  void aScalarHasOneElementAndAnEmptyShapeNone() {
    assertThat(Shape.of().size()).isEqualTo(1);
    assertThat(Shape.of(5, 0, 7).size()).isZero();
  }

  @Test
  void isImmutable() {
    int[] dimensions = {2, 3};
    Shape shape = Shape.of(dimensions);
    dimensions[0] = 9;
    shape.toArray()[1] = 9;

    assertThat(shape).isEqualTo(Shape.of(2, 3));
    assertThat(shape).hasSameHashCodeAs(Shape.of(2, 3));
    assertThat(shape).isNotEqualTo(Shape.of(3, 2));
  }

  @Test
  void refusesWhatAnArrayCannotHold() {
    assertThat(Shape.of(1 << 15, (1 << 16) - 1).size()).isPositive();
    assertThatIllegalArgumentException().isThrownBy(() -> Shape.of(1 << 16, 1 << 15));
    assertThatIllegalArgumentException().isThrownBy(() -> Shape.of(2, -1));
    assertThatIllegalArgumentException().isThrownBy(() -> Shape.of(1 << 30, 1 << 30, 1 << 30));
  }
}
