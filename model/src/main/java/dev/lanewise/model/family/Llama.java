package dev.lanewise.model.family;

import dev.lanewise.model.io.ConfigFields;
import dev.lanewise.model.io.InvalidFileException;

/** Llama (Touvron et al., 2023; Llama 3 of 2024) and what is built like it: SmolLM2, TinyLlama. */
final class Llama extends LlamaLike {

  /** Makes the family. */
  public Llama() {}

  @Override
  public String modelType() {
    return "llama";
  }

  @Override
  public String architecture() {
    return "LlamaForCausalLM";
  }

  @Override
  String ggufArchitecture() {
    return "llama";
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
    SlidingWindow.requireNone(fields, positions, SlidingWindow.NONE);
  }
}
