package dev.lanewise.model.layer;

import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.ParameterLayout;
import java.util.Arrays;

/**
 * The weights of a model in float64, found by name: what the definitions of layers compute with. Slow
 * and plain. The weights are shared, not copied.
 */
public final class DoubleWeights {

  private final ParameterLayout layout;
  private final double[] weights;

  /** Views weights in that layout. */
  public DoubleWeights(ParameterLayout layout, double[] weights) {
    this.layout = layout;
    this.weights = weights;
  }

  /** Returns a copy of one row of a matrix, or, with row 0, of a vector. */
  public double[] row(String name, int row) {
    Parameter parameter = layout.parameter(name);
    int from = layout.offset(parameter) + row * parameter.rowSize();
    return Arrays.copyOfRange(weights, from, from + parameter.rowSize());
  }

  /** Returns whether there is a parameter of that name. */
  public boolean contains(String name) {
    return layout.contains(name);
  }

  /** y = x W + b for each row of x, with {@code name.weight} [in, out] and {@code name.bias}. */
  public double[][] linear(double[][] x, String name) {
    Parameter weight = layout.parameter(name + ".weight");
    int first = layout.offset(weight);
    int out = weight.rowSize();
    double[][] y = new double[x.length][out];
    boolean biased = contains(name + ".bias");
    int bias = biased ? layout.offset(layout.parameter(name + ".bias")) : 0;
    for (int t = 0; t < x.length; t++) {
      for (int i = 0; i < x[t].length; i++) {
        for (int j = 0; j < out; j++) {
          y[t][j] += x[t][i] * weights[first + i * out + j];
        }
      }
      for (int j = 0; biased && j < out; j++) {
        y[t][j] += weights[bias + j];
      }
    }
    return y;
  }
}
