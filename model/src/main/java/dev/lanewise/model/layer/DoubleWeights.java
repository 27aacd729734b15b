package dev.lanewise.model.layer;

import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.ParameterLayout;
import dev.lanewise.model.memory.Adaptation;
import java.util.Arrays;
import java.util.List;

/**
 * The weights of a model in float64, found by name: what the definitions of layers compute with.
 * Slow and plain. The weights are shared, not copied.
 */
public final class DoubleWeights {

  private final ParameterLayout layout;
  private final double[] weights;
  private final Adaptation adaptation;
  private final RandomMasks masks;

  /** Views weights in that layout. */
  public DoubleWeights(ParameterLayout layout, double[] weights) {
    this(layout, weights, Adaptation.NONE, RandomMasks.NONE);
  }

  private DoubleWeights(
      ParameterLayout layout, double[] weights, Adaptation adaptation, RandomMasks masks) {
    this.layout = layout;
    this.weights = weights;
    this.adaptation = adaptation;
    this.masks = masks;
  }

  /** Returns the same weights with what is added to some of them. */
  public DoubleWeights adaptedBy(Adaptation other) {
    return new DoubleWeights(layout, weights, other, masks);
  }

  /** Returns the same weights where dropout of adapters is drawn from those masks. */
  public DoubleWeights with(RandomMasks others) {
    return new DoubleWeights(layout, weights, adaptation, others);
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

  /**
   * y = x W + b for each row of x, with {@code name.weight} [in, out] and {@code name.bias}, and
   * what an {@link Adaptation} adds: scale · dropout(x) A Bᵀ.
   */
  public double[][] linear(double[][] x, String name) {
    double[][] y = product(x, name);
    String weight = name + ".weight";
    List<Adaptation.Columns> columns = adaptation.of(weight);
    for (int part = 0; part < columns.size(); part++) {
      addLowRank(x, weight, part, y);
    }
    return y;
  }

  private void addLowRank(double[][] x, String weight, int part, double[][] y) {
    Adaptation.Columns columns = adaptation.of(weight).get(part);
    int rank = adaptation.rank();
    Parameter down = layout.parameter(Adaptation.down(weight));
    String up = Adaptation.up(weight, columns);
    double[][] dropped = masks.drop(x, adaptation.dropout(), Adaptation.dropoutStream(down, part));
    for (int t = 0; t < x.length; t++) {
      double[] z = new double[rank];
      for (int i = 0; i < x[t].length; i++) {
        double[] a = row(down.name(), i);
        for (int r = 0; r < rank; r++) {
          z[r] += dropped[t][i] * a[part * rank + r];
        }
      }
      for (int j = 0; j < columns.count(); j++) {
        double[] b = row(up, j);
        for (int r = 0; r < rank; r++) {
          y[t][columns.from() + j] += adaptation.scale() * z[r] * b[r];
        }
      }
    }
  }

  private double[][] product(double[][] x, String name) {
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
