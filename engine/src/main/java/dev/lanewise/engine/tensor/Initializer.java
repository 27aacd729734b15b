package dev.lanewise.engine.tensor;

import dev.lanewise.engine.random.RandomStream;
import java.util.Arrays;
import java.util.List;

/** What a parameter holds before training. */
public sealed interface Initializer {

  /** Fills a tensor, with numbers of the stream if it is random. */
  void fill(FloatTensor tensor, RandomStream random);

  /** The same value everywhere. */
  record Constant(float value) implements Initializer {
    @Override
    public void fill(FloatTensor tensor, RandomStream random) {
      int from = tensor.offset();
      Arrays.fill(tensor.data(), from, from + tensor.size(), value);
    }
  }

  /** These values, one after another: as many as the tensor has elements. */
  record Values(List<Float> values) implements Initializer {

    /** Copies the list. */
    public Values {
      values = List.copyOf(values);
    }

    @Override
    public void fill(FloatTensor tensor, RandomStream random) {
      for (int i = 0; i < tensor.size(); i++) {
        tensor.set(i, values.get(i));
      }
    }
  }

  /** Normal numbers around zero, drawn in row-major order and rounded to float. */
  record Normal(double deviation) implements Initializer {
    @Override
    public void fill(FloatTensor tensor, RandomStream random) {
      int from = tensor.offset();
      for (int i = from; i < from + tensor.size(); i++) {
        tensor.data()[i] = (float) (deviation * random.nextGaussian());
      }
    }
  }

  /** Uniform numbers in [-bound, bound), drawn in row-major order and rounded to float. */
  record Uniform(double bound) implements Initializer {
    @Override
    public void fill(FloatTensor tensor, RandomStream random) {
      int from = tensor.offset();
      for (int i = from; i < from + tensor.size(); i++) {
        tensor.data()[i] = (float) (bound * (2 * random.nextDouble() - 1));
      }
    }
  }

  /** Zeros. */
  Initializer ZEROS = new Constant(0f);

  /** Ones. */
  Initializer ONES = new Constant(1f);
}
