package dev.lanewise.trainer.text.tokenizer.pretokenizer;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;

/** Reads a class of characters in brackets into Java's words. */
final class BracketClass {

  /** Letters that stand for themselves behind a backslash. */
  private static final String PLAIN = "gijklmqyzABEFGIJKLNOQRTUVXYZ";

  /** What the last part was: behind a range, as at the beginning, a hyphen is a character. */
  private enum Last {
    NOTHING,
    CHARACTER,
    RANGE,
    SET
  }

  private final ExpressionText text;
  private final boolean ignoreCase;
  private final List<String> operands = new ArrayList<>();
  private final StringBuilder operand = new StringBuilder();
  private Last last = Last.NOTHING;

  /** A character that is not written yet, as it may begin a range. */
  private int held;

  private boolean negated;

  private BracketClass(ExpressionText text, boolean ignoreCase) {
    this.text = text;
    this.ignoreCase = ignoreCase;
  }

  static String read(ExpressionText text, boolean ignoreCase) {
    return new BracketClass(text, ignoreCase).read(text.at());
  }

  private String read(int start) {
    text.advance(1);
    negated = text.skip("^");
    if (text.startsWith("]") && text.has(']', 1)) {
      character(text.next());
    }
    while (!text.skip("]")) {
      if (text.ended()) {
        throw text.refusedAt(start, 1, "the class is not closed");
      }
      part();
    }
    endOperand();
    String all =
        operands.size() == 1 ? operands.getFirst() : "[" + String.join("]&&[", operands) + "]";
    return (negated ? "[^" : "[") + all + "]";
  }

  private void part() {
    if (text.startsWith("&&")) {
      refuseIfCaseDoesNotCount(2);
      text.advance(2);
      endOperand();
      return;
    }
    boolean canBegin = last == Last.CHARACTER || last == Last.SET;
    if (text.startsWith("-") && canBegin && text.charAt(1) != ']') {
      hyphen();
      return;
    }
    String set = text.startsWith("[:") ? CharacterSets.readPosix(text, ignoreCase, negated) : null;
    if (set == null && text.startsWith("[")) {
      refuseIfCaseDoesNotCount(1);
      set = read(text, false);
    }
    if (set == null && text.startsWith("\\")) {
      set =
          ignoreCase
              ? CharacterSets.readWithoutCase(text, negated)
              : CharacterSets.read(text, true);
    }
    if (set == null) {
      character(text.startsWith("\\") ? escaped() : text.next());
    } else {
      flush();
      operand.append(set);
      last = Last.SET;
    }
  }

  private int escaped() {
    if (text.skip("\\b")) {
      return '\b';
    }
    return text.escapedCharacter(PLAIN);
  }

  private void refuseIfCaseDoesNotCount(int length) {
    if (ignoreCase) {
      throw text.refused(length, "a class in a class is not supported where case does not count");
    }
  }

  /** Between two characters it means those between them. */
  private void hyphen() {
    if (last == Last.SET) {
      throw text.refused(2, "a range begins with a character");
    }
    text.advance(1);
    if (text.startsWith("[") || text.startsWith("&&") || text.ended()) {
      throw text.refused(1, "a range ends with a character");
    }
    int from = held;
    if (text.startsWith("\\") && CharacterSets.read(text, true) != null) {
      throw text.refusedBefore("a range ends with a character");
    }
    int to = text.startsWith("\\") ? escaped() : text.next();
    if (from > to) {
      throw text.refusedBefore("the range is empty");
    }
    last = Last.RANGE;
    range(from, to);
  }

  private void character(int character) {
    flush();
    held = character;
    last = Last.CHARACTER;
  }

  private void flush() {
    if (last == Last.CHARACTER) {
      range(held, held);
    }
  }

  private void range(int from, int to) {
    operand.append(CharacterSets.quote(from));
    if (to > from) {
      operand.append('-').append(CharacterSets.quote(to));
    }
    if (ignoreCase) {
      IntPredicate isInRange = c -> c >= from && c <= to;
      if (!negated && CaseFolds.standsForSeveral(isInRange)) {
        throw text.refusedBefore(
            "without regard to case a character of the class stands for several, as \"ß\" for"
                + " \"ss\"");
      }
      operand.append(CaseFolds.others(isInRange));
    }
  }

  private void endOperand() {
    flush();
    if (operand.isEmpty()) {
      throw text.refused(1, "the class is empty");
    }
    operands.add(operand.toString());
    operand.setLength(0);
    last = Last.NOTHING;
  }
}
