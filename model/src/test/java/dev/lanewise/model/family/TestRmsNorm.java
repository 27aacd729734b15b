package dev.lanewise.model.family;

import dev.lanewise.engine.tensor.Activation;
import dev.lanewise.engine.tensor.Initializer;
import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.Role;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.model.layer.DoubleWeights;
import dev.lanewise.model.layer.Norm;
import dev.lanewise.model.memory.Blueprint;
import dev.lanewise.model.memory.Pass;

/** y = gain · x / √(mean(x²) + epsilon), in plain loops: a norm that only tests have. */
final class TestRmsNorm implements Norm {

  private final int width;
  private final double epsilon;
  private final Parameter gain;
  private final Activation factors;

  private TestRmsNorm(Blueprint blueprint, String name, int width, double epsilon) {
    this.width = width;
    this.epsilon = epsilon;
    this.gain = blueprint.parameter(name + ".weight", Role.GAIN, Initializer.ONES, width);
    this.factors = blueprint.state(name + ".factors", blueprint.rows(), 1);
  }

  record Choice(double epsilon) implements Norm.Choice {

    @Override
    public Norm layer(Blueprint blueprint, String name, int width) {
      return new TestRmsNorm(blueprint, name, width, epsilon);
    }

    @Override
    public double[] define(DoubleWeights weights, String name, double[] x) {
      double square = 0;
      for (double value : x) {
        square += value * value / x.length;
      }
      double[] y = weights.row(name + ".weight", 0);
      for (int i = 0; i < x.length; i++) {
        y[i] *= x[i] / Math.sqrt(square + epsilon);
      }
      return y;
    }
  }

  private static float get(Matrix matrix, int row, int column) {
    return matrix.data()[matrix.offset(row) + column];
  }

  private static void set(Matrix matrix, int row, int column, float value) {
    matrix.data()[matrix.offset(row) + column] = value;
  }

  @Override
  public void forward(Pass pass, Activation x, Activation y) {
    Matrix in = pass.view(x);
    for (int row = pass.fromRow(); row < pass.toRow(); row++) {
      double square = 0;
      for (int i = 0; i < width; i++) {
        square += (double) get(in, row, i) * get(in, row, i);
      }
      float factor = (float) (1 / Math.sqrt(square / width + epsilon));
      set(pass.view(factors), row, 0, factor);
      for (int i = 0; i < width; i++) {
        set(pass.view(y), row, i, get(in, row, i) * factor * get(pass.weight(gain), 0, i));
      }
    }
  }

  @Override
  public void backward(Pass pass, Activation x, Activation dy, Activation dx) {
    Matrix in = pass.view(x);
    Matrix d = pass.view(dy);
    for (int row = pass.fromRow(); row < pass.toRow(); row++) {
      float factor = get(pass.view(factors), row, 0);
      double dot = 0;
      for (int i = 0; i < width; i++) {
        dot += (double) get(d, row, i) * get(pass.weight(gain), 0, i) * get(in, row, i);
      }
      float shift = (float) (dot * factor * factor / width);
      for (int i = 0; i < width; i++) {
        float direct = get(d, row, i) * get(pass.weight(gain), 0, i);
        float more = (direct - get(in, row, i) * shift) * factor;
        set(pass.view(dx), row, i, get(pass.view(dx), row, i) + more);
      }
    }
    if (gain.trainable()) {
      // All rows of other members were complete before this layer began.
      addGain(pass, in, d);
    }
  }

  private void addGain(Pass pass, Matrix in, Matrix d) {
    Matrix gradient = pass.gradient(gain);
    for (int i = pass.member().from(width, 1); i < pass.member().to(width, 1); i++) {
      for (int row = 0; row < pass.rows(); row++) {
        float normed = get(in, row, i) * get(pass.view(factors), row, 0);
        set(gradient, 0, i, get(gradient, 0, i) + get(d, row, i) * normed);
      }
    }
  }
}
