package dev.lanewise.model.family;

import dev.lanewise.engine.tensor.FloatTensor;
import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.model.TransformerConfig;
import dev.lanewise.model.io.GgufValue;
import java.util.List;
import java.util.Map;

/**
 * How the models of a family lie in GGUF files, so that llama.cpp computes what we do. A family
 * that has one returns it from {@link Family#gguf}.
 */
public interface GgufForm {

  /** Returns llama.cpp's name of the architecture, which also begins the keys of its sizes. */
  String architecture();

  /**
   * Returns the sizes and choices by their keys, without the architecture before them.
   *
   * @throws IllegalArgumentException if llama.cpp does not compute such a model; it says why
   */
  Map<String, GgufValue> sizes(TransformerConfig config);

  /** Returns the tensors that hold a parameter. */
  List<GgufTensor> tensors(TransformerConfig config, Parameter parameter);

  /** Returns tensors that hold no parameter, by name. */
  default Map<String, FloatTensor> constants(TransformerConfig config) {
    return Map.of();
  }
}
