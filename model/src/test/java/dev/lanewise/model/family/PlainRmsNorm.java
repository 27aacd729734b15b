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

/** y = g x / sqrt(mean(x²) + ε) in plain loops: a norm that the main sources know nothing of. */
final class PlainRmsNorm implements Norm {

  private final int width;
  private final float epsilon;
  private final Parameter gain;
  private final Activation scale;

  private PlainRmsNorm(Blueprint blueprint, String name, int width, Choice choice) {
    this.width = width;
    this.epsilon = (float) choice.epsilon;
    this.gain = blueprint.parameter(name + ".weight", Role.GAIN, Initializer.ONES, width);
    this.scale = blueprint.state(name + ".scale", blueprint.rows(), 1);
  }

  record Choice(double epsilon) implements Norm.Choice {

    @Override
    public Norm layer(Blueprint blueprint, String name, int width) {
      return new PlainRmsNorm(blueprint, name, width, this);
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

  @Override
  public void forward(Pass pass, Activation x, Activation y) {
    Matrix xs = pass.view(x);
    Matrix ys = pass.view(y);
    Matrix scales = pass.view(scale);
    for (int row = pass.fromRow(); row < pass.toRow(); row++) {
      float square = 0;
      for (int i = 0; i < width; i++) {
        square = Math.fma(at(xs, row, i), at(xs, row, i), square);
      }
      float r = (float) (1 / Math.sqrt(square / width + epsilon));
      scales.data()[scales.offset(row)] = r;
      for (int i = 0; i < width; i++) {
        ys.data()[ys.offset(row) + i] = at(xs, row, i) * r * at(pass.weight(gain), 0, i);
      }
    }
  }

  @Override
  public void backward(Pass pass, Activation x, Activation dy, Activation dx) {
    Matrix xs = pass.view(x);
    Matrix dys = pass.view(dy);
    Matrix dxs = pass.view(dx);
    Matrix scales = pass.view(scale);
    Matrix gains = pass.weight(gain);
    for (int row = pass.fromRow(); row < pass.toRow(); row++) {
      float r = at(scales, row, 0);
      float dot = 0;
      for (int i = 0; i < width; i++) {
        dot = Math.fma(at(dys, row, i) * at(gains, 0, i), at(xs, row, i), dot);
      }
      float shared = dot * r * r / width;
      for (int i = 0; i < width; i++) {
        float g = at(dys, row, i) * at(gains, 0, i) - at(xs, row, i) * shared;
        dxs.data()[dxs.offset(row) + i] += r * g;
      }
    }
    if (gain.trainable()) {
      gainGradient(pass, xs, dys, scales, pass.gradient(gain));
    }
  }

  /** A member's columns of all rows. */
  private void gainGradient(Pass pass, Matrix xs, Matrix dys, Matrix scales, Matrix gradient) {
    for (int i = pass.member().from(width, 1); i < pass.member().to(width, 1); i++) {
      for (int row = 0; row < pass.rows(); row++) {
        gradient.data()[gradient.offset() + i] +=
            at(dys, row, i) * at(xs, row, i) * at(scales, row, 0);
      }
    }
  }

  private static float at(Matrix matrix, int row, int column) {
    return matrix.data()[matrix.offset(row) + column];
  }
}
