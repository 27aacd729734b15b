package dev.lanewise.trainer.step;

import dev.lanewise.engine.tensor.Activation;
import dev.lanewise.engine.tensor.FloatTensor;
import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.model.Transformer;
import dev.lanewise.model.memory.Pass;
import dev.lanewise.trainer.optim.OptimizerState;
import java.util.List;

/**
 * Finds where a step went wrong: the first tensor with a NaN or an infinity, in the order in which
 * the step computes them. Slow, and only run when something is known to be wrong.
 */
public final class NonFiniteSearch {

  private NonFiniteSearch() {}

  /** Returns the first bad parameter in order of the layout, or null. */
  public static String inWeights(ParameterStore weights) {
    for (Parameter parameter : weights.parameters()) {
      if (!isFinite(weights.tensor(parameter))) {
        return "the weight " + parameter.name();
      }
    }
    return null;
  }

  /** Returns the first bad number that an optimizer remembers, in order of the layout, or null. */
  public static String inState(List<OptimizerState> states) {
    List<String> names =
        states.stream()
            .flatMap(state -> state.values().parameters().stream())
            .map(Parameter::name)
            .distinct()
            .toList();
    for (String name : names) {
      for (OptimizerState state : states) {
        for (Parameter parameter : state.values().parameters()) {
          if (parameter.name().equals(name) && !isFinite(state.values().tensor(parameter))) {
            return "the %s of %s".formatted(state.label(), name);
          }
        }
      }
    }
    return null;
  }

  /**
   * Returns the bad gradient that backward completes first, or null. The gradient of a tied head is
   * begun first and completed last, by the embedding.
   */
  static String inGradients(ParameterStore gradients) {
    List<Parameter> parameters = gradients.parameters();
    for (int i = parameters.size() - 1; i >= 0; i--) {
      if (!isFinite(gradients.tensor(parameters.get(i)))) {
        return "the gradient of " + parameters.get(i).name() + " (backward)";
      }
    }
    return null;
  }

  /** Runs forward on the pass's batch; returns the first bad result of a layer, or null. */
  static String inActivations(Transformer transformer, Pass pass) {
    return transformer
        .firstResult(pass, result -> !isFinite(pass, result))
        .map(result -> "the output of " + result.name() + " (forward)")
        .orElse(null);
  }

  private static boolean isFinite(Pass pass, Activation result) {
    Matrix view = pass.view(result);
    return isFinite(view.data(), view.offset(), pass.rows() * result.columns());
  }

  private static boolean isFinite(FloatTensor tensor) {
    return isFinite(tensor.data(), tensor.offset(), tensor.size());
  }

  private static boolean isFinite(float[] data, int offset, int floats) {
    for (int i = offset; i < offset + floats; i++) {
      if (!Float.isFinite(data[i])) {
        return false;
      }
    }
    return true;
  }
}
