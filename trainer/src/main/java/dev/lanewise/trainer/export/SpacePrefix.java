package dev.lanewise.trainer.export;

import dev.lanewise.model.io.ConfigFields;
import dev.lanewise.model.io.InvalidFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * Whether a space comes before a text, of a tokenizer with byte fallback. llama.cpp puts one before
 * every text and behind every special token, or nowhere, and writes spaces as marks.
 */
final class SpacePrefix {

  private static final String MARK = "\u2581";
  private static final String NORMALIZER = "normalizer";
  private static final String PRE_TOKENIZER = "pre_tokenizer";

  private SpacePrefix() {}

  /**
   * Recognizes what {@code tokenizer.json} says.
   *
   * @param notes is told where llama.cpp puts a space that the file does not ask for
   * @throws InvalidFileException that says what llama.cpp does not have
   */
  static boolean of(ConfigFields tokenizer, Consumer<String> notes) throws InvalidFileException {
    List<String> steps = new ArrayList<>();
    for (ConfigFields step : StepSequence.of(tokenizer, NORMALIZER, "normalizers")) {
      steps.add(meaning(step));
    }
    ConfigFields pre = tokenizer.object(PRE_TOKENIZER);
    if (pre != null && steps.isEmpty()) {
      return ofMetaspace(pre, notes);
    }
    if (pre == null && steps.equals(List.of("Prepend", "Replace"))) {
      return true;
    }
    if (pre == null && steps.equals(List.of("Replace"))) {
      return false;
    }
    throw tokenizer.problem(
        NORMALIZER,
        "is none that llama.cpp has with byte fallback; possible are spaces as marks, with or"
            + " without one in front");
  }

  private static String meaning(ConfigFields step) throws InvalidFileException {
    String type = step.string("type", "");
    ConfigFields pattern = step.object("pattern");
    if (type.equals("Prepend")) {
      return step.string("prepend", "").equals(MARK) ? type : "Prepend something else";
    }
    if (type.equals("Replace") && pattern != null) {
      boolean spaces = pattern.string("String", "").equals(" ");
      return spaces && step.string("content", "").equals(MARK) ? type : "Replace something else";
    }
    return "another " + type;
  }

  private static boolean ofMetaspace(ConfigFields pre, Consumer<String> notes)
      throws InvalidFileException {
    if (!pre.string("replacement", "").equals(MARK)) {
      throw pre.problem("replacement", "is another than llama.cpp has, which is " + MARK);
    }
    if (pre.flag("split", true)) {
      throw pre.problem("split", "is true, but llama.cpp does not cut texts into words");
    }
    String older = pre.flag("add_prefix_space", true) ? "always" : "never";
    String scheme = pre.string("prepend_scheme", older).toLowerCase(Locale.ROOT);
    if (scheme.equals("never")) {
      return false;
    }
    notes.accept(
        "llama.cpp puts a space before a text that begins with one too"
            + (scheme.equals("first") ? ", and behind special tokens" : ""));
    return true;
  }
}
