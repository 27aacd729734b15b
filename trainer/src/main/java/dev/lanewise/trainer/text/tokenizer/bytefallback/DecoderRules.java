package dev.lanewise.trainer.text.tokenizer.bytefallback;

import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.trainer.text.tokenizer.TokenizerJson;
import java.util.ArrayList;
import java.util.List;

/**
 * What a file's {@code decoder} makes of tokens: marks become spaces, names of bytes the bytes, and
 * all is one text.
 *
 * @param mark what stands for a space
 * @param strippedSpaces how many spaces are taken off the front of the text, if there are so many
 * @param marksLast whether marks are sought in what bytes stand for, too
 * @param dropsFirstMarks whether all marks of the first token are left out
 */
record DecoderRules(String mark, int strippedSpaces, boolean marksLast, boolean dropsFirstMarks) {

  private static final String ROOT = "decoder";

  /**
   * Reads the steps.
   *
   * @throws InvalidFileException that names what is not known
   */
  static DecoderRules read(TokenizerJson json) throws InvalidFileException {
    json.require(ROOT + ".type", "Sequence");
    List<String> steps = new ArrayList<>(json.steps(ROOT, "decoders"));
    String first = requireType(json, steps, "Replace", "ByteFallback");
    if (json.setting(first + ".type").equals("ByteFallback")) {
      String last = requireType(json, steps, Metaspace.TYPE);
      Metaspace metaspace = Metaspace.read(json, last);
      skipFuse(json, steps);
      requireEnd(json, steps);
      return new DecoderRules(
          metaspace.mark(), 0, true, metaspace.prepend() != Metaspace.Prepend.NEVER);
    }
    String mark = json.setting(first + ".pattern.String");
    if (mark.isEmpty()) {
      throw json.problem(first + ".pattern.String", "missing");
    }
    json.require(first + ".content", " ");
    requireType(json, steps, "ByteFallback");
    // All is joined in the end, so without a last step it does not matter who does it.
    boolean isJoined = skipFuse(json, steps);
    int stripped = isJoined && !steps.isEmpty() ? strippedSpaces(json, steps.removeFirst()) : 0;
    requireEnd(json, steps);
    return new DecoderRules(mark, stripped, false, false);
  }

  /** Takes the next step. */
  private static String requireType(TokenizerJson json, List<String> steps, String... types)
      throws InvalidFileException {
    if (steps.isEmpty()) {
      throw json.problem(ROOT + ".decoders", "\"%s\" is missing".formatted(types[0]));
    }
    json.require(steps.getFirst() + ".type", types);
    return steps.removeFirst();
  }

  private static boolean skipFuse(TokenizerJson json, List<String> steps) {
    boolean isFuse = !steps.isEmpty() && json.setting(steps.getFirst() + ".type").equals("Fuse");
    if (isFuse) {
      steps.removeFirst();
    }
    return isFuse;
  }

  private static int strippedSpaces(TokenizerJson json, String step) throws InvalidFileException {
    json.require(step + ".type", "Strip");
    json.require(step + ".content", " ");
    json.require(step + ".stop", "0");
    String start = json.setting(step + ".start");
    if (!start.matches("[0-9]{1,6}")) {
      throw json.problem(step + ".start", "a small number is needed");
    }
    return Integer.parseInt(start);
  }

  private static void requireEnd(TokenizerJson json, List<String> steps)
      throws InvalidFileException {
    if (!steps.isEmpty()) {
      json.require(steps.getFirst() + ".type", "");
    }
  }

  /** The text of a token that is no byte. */
  String text(String token) {
    return token.replace(mark, " ");
  }

  /** The text of the first token. */
  String firstText(String token) {
    return dropsFirstMarks ? token.replace(mark, "") : text(token);
  }
}
