package dev.lanewise.trainer.export;

import dev.lanewise.model.io.ConfigFields;
import dev.lanewise.model.io.InvalidFileException;
import java.util.ArrayList;
import java.util.List;

/**
 * llama.cpp's name for how a tokenizer cuts text before it merges. It has no other way to know, and
 * a wrong name gives wrong ids without a word.
 */
enum PreTokenizerName {
  GPT_2("gpt-2", false, "ByteLevel"),
  SMOLLM("smollm", false, "Digits", "ByteLevel"),
  QWEN2("qwen2", false, "Split \\p{N}", "bytes"),
  LLAMA_BPE("llama-bpe", true, "Split \\p{N}{1,3}", "bytes");

  private static final String SEPARATOR = ", then ";

  /** What Qwen2's and Llama 3's expressions have in common; they differ in how digits group. */
  private static final String SPLIT =
      "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|DIGITS"
          + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

  private final String id;
  private final boolean ignoresMerges;
  private final String steps;

  PreTokenizerName(String id, boolean ignoresMerges, String... steps) {
    this.id = id;
    this.ignoresMerges = ignoresMerges;
    this.steps = String.join(SEPARATOR, steps);
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
    ConfigFields pre = tokenizer.object("pre_tokenizer");
    List<String> steps = new ArrayList<>();
    if (pre != null) {
      addSteps(pre, steps);
    }
    for (PreTokenizerName name : values()) {
      if (name.steps.equals(String.join(SEPARATOR, steps))) {
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

  private static void addSteps(ConfigFields pre, List<String> steps) throws InvalidFileException {
    switch (pre.string("type", "")) {
      case "Sequence" -> {
        for (Object step : pre.list("pretokenizers")) {
          if (step instanceof ConfigFields fields) {
            addSteps(fields, steps);
          }
        }
      }
      case "ByteLevel" -> {
        boolean regex = pre.flag("use_regex", true);
        boolean plain = !pre.flag("add_prefix_space", true);
        steps.add(!plain ? "ByteLevel with a space before" : regex ? "ByteLevel" : "bytes");
      }
      case "Digits" ->
          steps.add(pre.flag("individual_digits", false) ? "Digits" : "Digits in groups");
      case "Split" -> steps.add(split(pre));
      default -> steps.add(pre.string("type", "none"));
    }
  }

  private static String split(ConfigFields pre) throws InvalidFileException {
    ConfigFields pattern = pre.object("pattern");
    String regex = pattern == null ? "" : pattern.string("Regex", "");
    boolean isolated = pre.string("behavior", "").equals("Isolated") && !pre.flag("invert", false);
    for (String digits : List.of("\\p{N}", "\\p{N}{1,3}")) {
      if (isolated && regex.equals(SPLIT.replace("DIGITS", digits))) {
        return "Split " + digits;
      }
    }
    return "Split by another expression";
  }
}
