package dev.lanewise.trainer.step;

import dev.lanewise.engine.tensor.FloatTensor;
import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.model.Gpt;
import dev.lanewise.model.layer.Pass;
import java.util.List;

/**
 * Finds where a step went wrong: the first tensor with a NaN or an infinity, in the order in which
 * the step computes them. Slow, and only run when something is known to be wrong.
 */
public final class NonFiniteSearch {

  private NonFiniteSearch() {}

  /** Returns the first bad parameter in order of the layout, or null. */
  public static String inWeights(ParameterStore weights) {
    for (Parameter parameter : weights.layout().parameters()) {
      if (!isFinite(weights.tensor(parameter))) {
        return "the weight " + parameter.name();
      }
    }
    return null;
  }

  /** Returns the first bad moment in order of the layout, or null. */
  public static String inMoments(ParameterStore first, ParameterStore second) {
    for (Parameter parameter : first.layout().parameters()) {
      if (!isFinite(first.tensor(parameter))) {
        return "the first moment of " + parameter.name();
      }
      if (!isFinite(second.tensor(parameter))) {
        return "the second moment of " + parameter.name();
      }
    }
    return null;
  }

  /**
   * Returns the bad gradient that backward completes first, or null. The gradient of a tied head is
   * begun first and completed last, by the embedding.
   */
  static String inGradients(ParameterStore gradients) {
    List<Parameter> parameters = gradients.layout().parameters();
    for (int i = parameters.size() - 1; i >= 0; i--) {
      if (!isFinite(gradients.tensor(parameters.get(i)))) {
        return "the gradient of " + parameters.get(i).name() + " (backward)";
      }
    }
    return null;
  }

  /** Returns the first bad activation of the pass's last forward, or null. */
  static String inActivations(Gpt gpt, Pass pass) {
    String[] found = new String[1];
    gpt.visit(
        pass,
        (name, offset, floats) -> {
          if (found[0] == null && !isFinite(pass.activations(), offset, floats)) {
            found[0] = "the output of " + name + " (forward)";
          }
        });
    return found[0];
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
