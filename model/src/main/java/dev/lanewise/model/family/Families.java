package dev.lanewise.model.family;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** The families that models can be of. */
public final class Families {

  /** Those that we have. */
  public static final Families STANDARD =
      new Families(
          List.of(new Gpt2(), new Llama(), new Mistral(), new Qwen2(), new Qwen3(), new GptNeox()));

  private final List<Family> all;

  private Families(List<Family> all) {
    this.all = List.copyOf(all);
  }

  /** Returns these and one more. */
  public Families with(Family family) {
    List<Family> more = new ArrayList<>(all);
    more.add(family);
    return new Families(more);
  }

  /** Returns all; a {@code config.json} that does not say which is taken for the first. */
  public List<Family> all() {
    return all;
  }

  /** Returns the family of a {@code model_type}, if there is one. */
  public Optional<Family> named(String modelType) {
    return all.stream().filter(family -> family.modelType().equals(modelType)).findFirst();
  }

  /** Returns the {@code model_type} of each, for messages. */
  public String names() {
    return all.stream().map(Family::modelType).collect(Collectors.joining(", "));
  }
}
