package dev.lanewise.trainer.settings;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** A configuration that comes with the program, as a YAML file in the jar. */
public enum Preset {
  /** What a newcomer sees. */
  QUICKSTART("a small model on byte pairs, by a recipe that learns fast; a few minutes on 2 cores"),
  /** A small byte pair model that learns something in minutes. */
  CHAPTER("a small GPT as of 2019, of the size of quickstart; a few minutes on 2 cores", "seed"),
  /** A character model of the size that nanoGPT trains on a CPU. */
  SHAKESPEARE_CHAR("a small character model, the size of nanoGPT's CPU run"),
  /** The same size, by a recipe that learns faster. */
  SHAKESPEARE_FAST("the same size by a recipe that learns as much in a tenth of the time"),
  /** A character model of the size that nanoGPT trains on a GPU. */
  BABY_GPT("a character model ten times as large; hours on 2 cores"),
  /** The same size, by a recipe that learns faster. */
  BABY_GPT_FAST("the same size by a recipe that learns faster; under an hour on 2 cores"),
  /** GPT-2 small. */
  GPT2_124M("GPT-2 small, 124 million parameters; hours on 2 cores"),
  /** The default's size, made as today's models are. */
  LLAMA_TINY("a small Llama on byte pairs; a few minutes on 2 cores"),
  /** The shape of SmolLM2-135M. */
  SMOLLM2_135M("the shape of SmolLM2-135M, a Llama; hours on 2 cores"),
  /** For a model to begin with. */
  TUNE("further training of a model that is there; what --from takes"),
  /** For a model to begin with that stays as it is. */
  LORA("an adapter for a model that is there; what --lora-rank and --adapter take");

  /** What settings come from when no preset is named. */
  public static final Preset DEFAULT = QUICKSTART;

  private final String description;

  // List.of, which the checker cannot see.
  @SuppressWarnings("ImmutableEnumChecker")
  private final List<String> formerNames;

  Preset(String description, String... formerNames) {
    this.description = description;
    this.formerNames = List.of(formerNames);
  }

  /** Returns the name that users type, such as {@code shakespeare-char}. */
  public String id() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Returns what it is, in a line. */
  public String description() {
    return description;
  }

  /** Returns its settings; those it does not have are the defaults of {@link ConfigKey}. */
  public ConfigLayer layer() {
    String resource = "presets/" + id() + ".yaml";
    try (InputStream in = Preset.class.getResourceAsStream(resource)) {
      return ConfigYaml.read(resource, in.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Finds a preset by its name, or one that it once had.
   *
   * @throws InvalidConfigException that lists the names there are
   */
  public static Preset named(String name) {
    for (Preset preset : values()) {
      if (preset.id().equals(name) || preset.formerNames.contains(name)) {
        return preset;
      }
    }
    throw new InvalidConfigException(
        "--preset %s: there is no such preset; there are %s"
            .formatted(
                name, Arrays.stream(values()).map(Preset::id).collect(Collectors.joining(", "))));
  }
}
