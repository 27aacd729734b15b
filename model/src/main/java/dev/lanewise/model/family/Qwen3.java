package dev.lanewise.model.family;

import dev.lanewise.model.io.ConfigFields;
import dev.lanewise.model.io.InvalidFileException;

/** Qwen3 (Yang et al., 2025): a Llama whose queries and keys are normalised head by head. */
final class Qwen3 extends LlamaLike {

  /** Makes the family. */
  public Qwen3() {}

  @Override
  public String modelType() {
    return "qwen3";
  }

  @Override
  public String architecture() {
    return "Qwen3ForCausalLM";
  }

  @Override
  String ggufArchitecture() {
    return "qwen3";
  }

  /** Does not depend on the width. */
  @Override
  int standardHeadSize(int width, int queries) {
    return 128;
  }

  @Override
  int standardKeyValueHeads(int queries) {
    return 32;
  }

  @Override
  boolean biasedAttention() {
    return false;
  }

  @Override
  boolean normedHeads() {
    return true;
  }

  @Override
  void requireSupported(ConfigFields fields, int positions) throws InvalidFileException {
    boolean used = fields.flag("use_sliding_window", false);
    SlidingWindow.requireNone(
        fields, positions, used ? SlidingWindow.STANDARD : SlidingWindow.NONE);
  }
}
