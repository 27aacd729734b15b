package dev.lanewise.model.reference;

import dev.lanewise.engine.tensor.ParameterLayout;
import dev.lanewise.kernels.scalar.ScalarKernels;
import dev.lanewise.model.Gpt;
import dev.lanewise.model.GptConfig;

final class GptLayouts {

  private GptLayouts() {}

  static ParameterLayout of(GptConfig config) {
    return new Gpt(config, ScalarKernels.create(), 1).layout();
  }
}
