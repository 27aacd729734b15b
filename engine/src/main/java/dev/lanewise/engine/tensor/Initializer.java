package dev.lanewise.engine.tensor;

import dev.lanewise.engine.random.RandomStream;
import java.util.Arrays;

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

  /** Zeros. */
  Initializer ZEROS = new Constant(0f);

  /** Ones. */
  Initializer ONES = new Constant(1f);
}
