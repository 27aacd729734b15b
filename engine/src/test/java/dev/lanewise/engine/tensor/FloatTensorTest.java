package dev.lanewise.engine.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class FloatTensorTest {

  @Test
  void isAViewOfASlice() {
    float[] data = {0, 1, 2, 3, 4, 5, 6, 7};
    FloatTensor tensor = new FloatTensor(data, 1, Shape.of(2, 3));
    tensor.set(2, -3);

    assertThat(tensor.get(0)).isEqualTo(1);
    assertThat(tensor.toArray()).containsExactly(1, 2, -3, 4, 5, 6);
    assertThat(data).containsExactly(0, 1, 2, -3, 4, 5, 6, 7);
  }

  @Test
  void staysInsideItsSlice() {
    float[] data = new float[8];
    FloatTensor tensor = new FloatTensor(data, 1, Shape.of(6));

    assertThatThrownBy(() -> tensor.get(6)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> tensor.set(-1, 0)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> new FloatTensor(data, 3, Shape.of(6)))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }
}
