package dev.lanewise.model.family;

import dev.lanewise.model.io.ConfigFields;
import dev.lanewise.model.io.InvalidFileException;

/**
 * Mistral (Jiang et al., 2023), where its sliding window is not in effect: a Llama under another
 * name.
 */
final class Mistral extends LlamaLike {

  /** Makes the family. */
  public Mistral() {}

  @Override
  public String modelType() {
    return "mistral";
  }

  @Override
  public String architecture() {
    return "MistralForCausalLM";
  }

  @Override
  String ggufArchitecture() {
    return "llama";
  }

  @Override
  int standardKeyValueHeads(int queries) {
    return 8;
  }

  @Override
  boolean biasedAttention() {
    return false;
  }

  @Override
  boolean normedHeads() {
    return false;
  }

  @Override
  void requireSupported(ConfigFields fields, int positions) throws InvalidFileException {
    SlidingWindow.requireNone(fields, positions, SlidingWindow.STANDARD);
  }
}
