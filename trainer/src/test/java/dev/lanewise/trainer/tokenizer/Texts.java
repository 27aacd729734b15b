package dev.lanewise.trainer.tokenizer;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;

/**
 * Strings for property tests: those that the rules of pre-tokenisation distinguish, and any at all.
 */
final class Texts {

  /** Something like the Java source and English prose that the tests train on. */
  static final String SAMPLE =
      """
      /** Returns the sum of the values; it's zero if there are none, and we'll never see null. */
      public static int sum(int[] values) {
        int sum = 0;
        for (int value : values) {
          sum += value;
        }
        return sum;
      }

      The quick brown fox didn't jump over the lazy dog; they've 12 or 345 reasons.
         Was für ein Käse: naïve café, 世界!
      """;

  private static final String[] PARTS = {
    "a",
    "b",
    "the",
    "ß",
    "世",
    "界",
    "Ω",
    "1",
    "42",
    "٣",
    "Ⅷ",
    "²",
    " ",
    "  ",
    "\n",
    "\t",
    "\r\n",
    "\f",
    "\u00a0",
    "\u2003",
    "\u2028",
    "\u0085",
    "\u180e",
    "\u200b",
    "'",
    "'s",
    "'t",
    "'re",
    "'ve",
    "'m",
    "'ll",
    "'d",
    "'S",
    "'l",
    "'r",
    "!",
    "...",
    "_",
    "€",
    "😀",
    "\u0301",
    "\u0000",
    "\ud835\udc00",
    "\ud835\udfd8",
    "\ufffd"
  };

  private Texts() {}

  /**
   * Random sequences of characters of every class, contractions, and kinds of white space; no lone
   * surrogates.
   */
  static Arbitrary<String> tricky() {
    return Arbitraries.of(PARTS).list().ofMaxSize(40).map(parts -> String.join("", parts));
  }

  /** Any sequence of UTF-16 units, lone surrogates included. */
  static Arbitrary<String> any() {
    return Arbitraries.oneOf(
        Arbitraries.strings().all().ofMaxLength(60),
        Arbitraries.strings().withCharRange('\ud7f0', '\ue010').ofMaxLength(20),
        tricky());
  }

  /** What lone surrogates are read as. */
  static String withoutLoneSurrogates(String text) {
    return text.codePoints()
        .map(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? 0xFFFD : c)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }
}
