package dev.lanewise.engine.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.engine.random.RandomStream;
import dev.lanewise.kernels.Matrix;
import java.util.Arrays;
import java.util.List;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;

class ParameterStoreTest {

  private final ParameterLayout.Builder builder = ParameterLayout.builder();
  private final Parameter frozen =
      builder.add("frozen", Role.EMBEDDING, new Initializer.Normal(0.5), false, 2, 2);
  private final Parameter matrix =
      builder.add("matrix", Role.HIDDEN, new Initializer.Normal(2), true, 2, 3);
  private final Parameter gain = builder.add("gain", Role.GAIN, Initializer.ONES, true, 2);
  private final ParameterLayout layout = builder.build();
  private final ParameterStore weights = new ParameterStore(layout);

  @Test
  void storesOfALayoutShareItsPlaces() {
    weights.tensor("gain").set(1, 5);
    weights.tensor(frozen).set(3, 7);

    assertThat(weights.data()).containsExactly(0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 7);
    assertThat(weights.tensor("matrix").shape()).isEqualTo(Shape.of(2, 3));
    assertThat(weights.parameters()).containsExactly(matrix, gain, frozen);
    assertThatThrownBy(() -> weights.tensor("bias")).isInstanceOf(NoSuchElementException.class);
  }

  @Test
  void gradientsAreAsLongAsWhatIsTrained() {
    ParameterStore gradients = ParameterStore.ofTrainable(layout);
    gradients.tensor(gain).set(0, 3);

    assertThat(gradients.data()).containsExactly(0, 0, 0, 0, 0, 0, 3, 0);
    assertThat(gradients.parameters()).containsExactly(matrix, gain);
    assertThat(gradients.layout()).isSameAs(layout);
    assertThatThrownBy(() -> gradients.tensor("frozen"))
        .isInstanceOf(NoSuchElementException.class)
        .hasMessage("frozen is not trained: it has no gradient and no optimizer state");
  }

  /** An optimizer's state need not be of all that is trained. */
  @Test
  void aStoreOfSomeParametersHasNoRoomForTheOthers() {
    ParameterStore some = ParameterStore.of(layout, List.of(gain));
    some.tensor(gain).set(1, 3);

    assertThat(some.data()).containsExactly(0, 3);
    assertThat(some.offset(gain)).isZero();
    assertThat(weights.offset(gain)).isEqualTo(6);
    assertThat(some.contains(gain)).isTrue();
    assertThat(some.contains(matrix)).isFalse();
    assertThatThrownBy(() -> some.tensor(matrix)).isInstanceOf(NoSuchElementException.class);
  }

  /** A vector is a row that repeats, such as a bias. */
  @Test
  void kernelsSeeMatrices() {
    for (int i = 0; i < layout.size(); i++) {
      weights.data()[i] = i;
    }
    Matrix rows = weights.matrix(matrix);
    Matrix columns = weights.transposed(matrix);

    assertThat(element(rows, 1, 2)).isEqualTo(5);
    assertThat(element(columns, 2, 1)).isEqualTo(5);
    assertThat(columns.columns()).isEqualTo(2);
    assertThat(element(weights.matrix(gain), 9, 1)).isEqualTo(7);
    assertThat(element(weights.matrix(frozen), 1, 0)).isEqualTo(10);
  }

  private static float element(Matrix matrix, int row, int column) {
    return matrix.data()[matrix.offset(row) + column * matrix.columnStride()];
  }

  /** The number of the parameter, not its place, chooses the stream: freezing changes no weight. */
  @Test
  void isInitializedBySeedAndNumber() {
    weights.initialize(3);

    RandomStream random = new RandomStream(3, RandomStream.INITIALIZATION, 1);
    float[] expected = new float[6];
    for (int i = 0; i < expected.length; i++) {
      expected[i] = (float) (2 * random.nextGaussian());
    }
    assertThat(weights.tensor(matrix).toArray()).isEqualTo(expected);
    assertThat(weights.tensor(gain).toArray()).containsExactly(1, 1);
    assertThat(weights.tensor(frozen).get(0))
        .isEqualTo(
            (float) (0.5 * new RandomStream(3, RandomStream.INITIALIZATION, 0).nextGaussian()));
    float[] first = weights.data().clone();
    weights.initialize(4);
    assertThat(weights.data()).isNotEqualTo(first);
    Arrays.fill(weights.data(), Float.NaN);
    weights.initialize(3);
    assertThat(weights.data()).isEqualTo(first);
  }

  @Test
  void hasTheSameWeightsWhenSeveralWorkersInitializeIt() {
    weights.initialize(3);
    float[] first = weights.data().clone();
    Arrays.fill(weights.data(), Float.NaN);
    try (WorkerPool pool = new WorkerPool(3)) {
      weights.initialize(3, pool);
    }
    assertThat(weights.data()).isEqualTo(first);
  }
}
