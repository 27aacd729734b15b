package dev.lanewise.trainer.text.tokenizer.pretokenizer;

import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.trainer.text.tokenizer.TokenizerJson;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** All kinds of pre-tokenizer, by the names that tokenizer files have for them. */
public final class PreTokenizers {

  /** GPT-2's rules. */
  public static final PreTokenizer GPT2 = new ByteLevelPreTokenizer(false, true);

  /** The expressions that cut text into words, as their files have them. */
  public static final String GPT2_SPLIT = SplitPreTokenizer.GPT2;

  /** Qwen2's, with digits one by one. */
  public static final String QWEN2_SPLIT = SplitPreTokenizer.QWEN2;

  /** Llama 3's, with digits in groups of three. */
  public static final String LLAMA3_SPLIT = SplitPreTokenizer.LLAMA3;

  /** Expressions that match every character, so nothing is left between matches. */
  public static final Set<String> MATCH_ALL = SplitPreTokenizer.MATCH_ALL;

  /** Reads a pre-tokenizer's settings. */
  @FunctionalInterface
  interface Reader {
    PreTokenizer read(TokenizerJson json, String path) throws InvalidFileException;
  }

  private static final Map<String, Reader> KINDS =
      new TreeMap<>(
          Map.of(
              ByteLevelPreTokenizer.TYPE, ByteLevelPreTokenizer::read,
              DigitsPreTokenizer.TYPE, DigitsPreTokenizer::read,
              SplitPreTokenizer.TYPE, SplitPreTokenizer::read,
              SequencePreTokenizer.TYPE, SequencePreTokenizer::read));

  private PreTokenizers() {}

  /**
   * Reads the pre-tokenizer of a byte-level tokenizer: one of its steps turns text into bytes.
   *
   * @throws InvalidFileException that names what is not known
   */
  public static PreTokenizer read(TokenizerJson json) throws InvalidFileException {
    PreTokenizer read = read(json, "pre_tokenizer");
    if (!makesBytes(read)) {
      throw json.problem(
          "pre_tokenizer",
          "has no step \"%s\"; of byte pairs Lanewise reads the byte-level kind"
              .formatted(ByteLevelPreTokenizer.TYPE));
    }
    return read;
  }

  static boolean makesBytes(PreTokenizer read) {
    return read instanceof ByteLevelPreTokenizer
        || (read instanceof SequencePreTokenizer sequence
            && sequence.steps().stream().anyMatch(PreTokenizers::makesBytes));
  }

  static PreTokenizer read(TokenizerJson json, String path) throws InvalidFileException {
    String type = path + ".type";
    json.require(type, KINDS.keySet().toArray(String[]::new));
    return KINDS.get(json.setting(type)).read(json, path);
  }
}
