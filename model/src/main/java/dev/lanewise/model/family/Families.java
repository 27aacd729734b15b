package dev.lanewise.model.family;

import dev.lanewise.engine.registry.Registry;
import java.util.List;

/** The families that come with the program: a new one is a line here. */
public final class Families {

  /** All of them. */
  public static final Registry<Family> STANDARD =
      new Registry<>(
          "family",
          List.of(
              new Gpt2(),
              new Llama(),
              new Mistral(),
              new Qwen2(),
              new Qwen3(),
              new GptNeox(),
              new Lanewise()));

  private Families() {}
}
