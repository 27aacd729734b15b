package dev.lanewise.model.family;

import dev.lanewise.model.io.ConfigFields;
import dev.lanewise.model.io.InvalidFileException;

/** Qwen2 and Qwen2.5 (Yang et al., 2024): a Llama whose queries, keys and values have biases. */
final class Qwen2 extends LlamaLike {

  /** Makes the family. */
  public Qwen2() {}

  @Override
  public String modelType() {
    return "qwen2";
  }

  @Override
  public String architecture() {
    return "Qwen2ForCausalLM";
  }

  @Override
  String ggufArchitecture() {
    return "qwen2";
  }

  @Override
  int standardKeyValueHeads(int queries) {
    return 32;
  }

  @Override
  boolean biasedAttention() {
    return true;
  }

  @Override
  boolean normedHeads() {
    return false;
  }

  @Override
  void requireSupported(ConfigFields fields, int positions) throws InvalidFileException {
    boolean used = fields.flag("use_sliding_window", false);
    SlidingWindow.requireNone(
        fields, positions, used ? SlidingWindow.STANDARD : SlidingWindow.NONE);
  }
}
