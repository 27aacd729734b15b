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
 */
record DecoderRules(String mark, int strippedSpaces) {

  private static final String ROOT = "decoder";
  private static final int MOST_STEPS = 16;

  /**
   * Reads the steps.
   *
   * @throws InvalidFileException that names what is not known
   */
  static DecoderRules read(TokenizerJson json) throws InvalidFileException {
    json.require(ROOT + ".type", "Sequence");
    List<String> steps = new ArrayList<>();
    while (steps.size() < MOST_STEPS && !json.setting(step(steps.size()) + ".type").isEmpty()) {
      steps.add(step(steps.size()));
    }
    for (int i = 0; i < 3; i++) {
      json.require(step(i) + ".type", List.of("Replace", "ByteFallback", "Fuse").get(i));
    }
    String mark = json.setting(step(0) + ".pattern.String");
    if (mark.isEmpty()) {
      throw json.problem(step(0) + ".pattern.String", "missing");
    }
    json.require(step(0) + ".content", " ");
    if (steps.size() == 3) {
      return new DecoderRules(mark, 0);
    }
    json.require(step(3) + ".type", "Strip");
    json.require(step(4) + ".type", "");
    json.require(step(3) + ".content", " ");
    json.require(step(3) + ".stop", "0");
    String start = json.setting(step(3) + ".start");
    if (!start.matches("[0-9]{1,6}")) {
      throw json.problem(step(3) + ".start", "a small number is needed");
    }
    return new DecoderRules(mark, Integer.parseInt(start));
  }

  private static String step(int index) {
    return ROOT + ".decoders[" + index + "]";
  }

  /** The text of a token that is no byte. */
  String text(String token) {
    return token.replace(mark, " ");
  }
}
