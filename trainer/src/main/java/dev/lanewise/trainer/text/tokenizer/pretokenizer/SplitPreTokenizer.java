package dev.lanewise.trainer.text.tokenizer.pretokenizer;

import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.trainer.text.tokenizer.TokenizerJson;
import java.util.Arrays;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Cuts text where a regular expression matches. The expressions in wide use have scanners of their
 * own; any other runs in {@link Pattern}.
 *
 * @param behavior what becomes of the matches
 * @param invert whether what is between matches is taken for the matches
 * @param pattern the expression in Java; null where it has a scanner of its own
 * @param words the most digits of {@link WordScanner}; 0 if it is not its expression
 * @param gpt2 whether it is {@link Gpt2Scanner}'s expression
 */
record SplitPreTokenizer(
    Behavior behavior, boolean invert, Pattern pattern, int words, boolean gpt2)
    implements PreTokenizer {

  static final String TYPE = "Split";

  /** What becomes of the matches. */
  enum Behavior {
    REMOVED("Removed"),
    ISOLATED("Isolated"),
    MERGED_WITH_PREVIOUS("MergedWithPrevious"),
    MERGED_WITH_NEXT("MergedWithNext"),
    CONTIGUOUS("Contiguous");

    private final String name;

    Behavior(String name) {
      this.name = name;
    }

    private static Behavior of(String name) {
      return Arrays.stream(values()).filter(b -> b.name.equals(name)).findFirst().orElseThrow();
    }

    private static String[] names() {
      return Arrays.stream(values()).map(b -> b.name).toArray(String[]::new);
    }
  }

  static final String GPT2 =
      "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";
  static final String LLAMA3 = words("{1,3}");
  static final String QWEN2 = words("");

  /** Expressions that match every character, so nothing is left between matches. */
  static final Set<String> MATCH_ALL = Set.of(GPT2, LLAMA3, QWEN2);

  private static String words(String digits) {
    return "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}"
        + digits
        + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
  }

  static PreTokenizer read(TokenizerJson json, String path) throws InvalidFileException {
    json.require(path + ".behavior", Behavior.names());
    Behavior behavior = Behavior.of(json.setting(path + ".behavior"));
    boolean invert = json.flag(path + ".invert", false);
    String literal = json.setting(path + ".pattern.String");
    if (!literal.isEmpty()) {
      return new SplitPreTokenizer(
          behavior, invert, Pattern.compile(Pattern.quote(literal)), 0, false);
    }
    String field = path + ".pattern.Regex";
    try {
      return of(json.setting(field), behavior, invert);
    } catch (IllegalArgumentException e) {
      throw json.problem(field, e.getMessage());
    }
  }

  static SplitPreTokenizer of(String expression, Behavior behavior, boolean invert) {
    boolean isolates = behavior == Behavior.ISOLATED || (behavior == Behavior.REMOVED && invert);
    if (isolates && MATCH_ALL.contains(expression)) {
      int words = expression.equals(LLAMA3) ? 3 : expression.equals(QWEN2) ? 1 : 0;
      return new SplitPreTokenizer(behavior, invert, null, words, expression.equals(GPT2));
    }
    return new SplitPreTokenizer(behavior, invert, Oniguruma.compile(expression), 0, false);
  }

  @Override
  public PieceScanner scanner() {
    if (gpt2) {
      return new Gpt2Scanner();
    }
    return words > 0 ? new WordScanner(words) : new RegexScanner(pattern, behavior, invert);
  }
}
