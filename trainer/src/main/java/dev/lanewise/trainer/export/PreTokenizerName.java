package dev.lanewise.trainer.export;

import dev.lanewise.model.io.ConfigFields;
import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.trainer.text.tokenizer.pretokenizer.PreTokenizers;
import java.util.ArrayList;
import java.util.List;

/**
 * llama.cpp's name for how a tokenizer cuts text before it merges. It has no other way to know, and
 * a wrong name gives wrong ids without a word.
 */
enum PreTokenizerName {
  GPT_2("gpt-2", false, PreTokenizers.GPT2_SPLIT, "bytes"),
  SMOLLM("smollm", false, "\\p{N}", PreTokenizers.GPT2_SPLIT, "bytes"),
  QWEN2("qwen2", false, PreTokenizers.QWEN2_SPLIT, "bytes"),
  LLAMA_BPE("llama-bpe", true, PreTokenizers.LLAMA3_SPLIT, "bytes");

  private final String id;
  private final boolean ignoresMerges;

  /** On each line the expression that cuts, or the step to bytes. */
  private final String steps;

  PreTokenizerName(String id, boolean ignoresMerges, String... steps) {
    this.id = id;
    this.ignoresMerges = ignoresMerges;
    this.steps = String.join("\n", steps);
  }

  String id() {
    return id;
  }

  /**
   * Recognizes one.
   *
   * @param tokenizer the fields of {@code tokenizer.json}
   * @throws InvalidFileException that says what llama.cpp does not have
   */
  static PreTokenizerName of(ConfigFields tokenizer) throws InvalidFileException {
    List<String> steps = new ArrayList<>();
    for (ConfigFields step : StepSequence.of(tokenizer, "pre_tokenizer", "pretokenizers")) {
      addMeaning(step, steps);
    }
    for (PreTokenizerName name : values()) {
      if (name.steps.equals(String.join("\n", steps))) {
        name.requireMerges(tokenizer);
        return name;
      }
    }
    throw tokenizer.problem(
        "pre_tokenizer",
        "is none that llama.cpp has a name for; possible are those of GPT-2, SmolLM, Qwen2 and"
            + " Llama 3");
  }

  private void requireMerges(ConfigFields tokenizer) throws InvalidFileException {
    ConfigFields model = tokenizer.object("model");
    boolean ignored = model != null && model.flag("ignore_merges", false);
    if (ignored != ignoresMerges) {
      throw model.problem(
          "ignore_merges",
          "is %s, but llama.cpp takes it for %s with the pre-tokenizer %s"
              .formatted(ignored, ignoresMerges, id));
    }
  }

  private static void addMeaning(ConfigFields pre, List<String> steps) throws InvalidFileException {
    switch (pre.string("type", "")) {
      case "ByteLevel" -> {
        if (pre.flag("add_prefix_space", true)) {
          steps.add("a space before");
        }
        if (pre.flag("use_regex", true)) {
          steps.add(PreTokenizers.GPT2_SPLIT);
        }
        steps.add("bytes");
      }
      case "Digits" ->
          steps.add(pre.flag("individual_digits", false) ? "\\p{N}" : "digits in groups");
      case "Split" -> steps.add(split(pre));
      default -> steps.add(pre.string("type", "none"));
    }
  }

  private static String split(ConfigFields pre) throws InvalidFileException {
    ConfigFields pattern = pre.object("pattern");
    String regex = pattern == null ? "" : pattern.string("Regex", "");
    String behavior = pre.string("behavior", "");
    boolean removesRest = behavior.equals("Removed") && pre.flag("invert", false);
    boolean isolates =
        behavior.equals("Isolated") || (removesRest && PreTokenizers.MATCH_ALL.contains(regex));
    return isolates ? regex : "another split";
  }
}
