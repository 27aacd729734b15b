package dev.lanewise.trainer.text.tokenizer.pretokenizer;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The named sets of characters in Oniguruma's expressions, such as \w, \p{L} and [:alpha:], in
 * Java's words. What each holds was compared with Oniguruma's, character by character.
 */
final class CharacterSets {

  /** Java's \w has the joiners too. */
  private static final String WORDS = "\\p{IsAlphabetic}\\p{M}\\p{Nd}\\p{Pc}";

  private static final String HEXADECIMAL = "0-9A-Fa-f";
  private static final String PUNCTUATION = "\\p{P}";
  private static final String PUNCTUATION_AND_SYMBOLS = "\\p{P}\\p{S}";

  /** What a word is made of outside of brackets: there Oniguruma has small digits too. */
  static final String WORD = "[" + WORDS + "\\xB2\\xB3\\xB9\\xBC-\\xBE]";

  private static final Pattern PROPERTY = Pattern.compile("\\\\[pP]\\{(\\^?)([^}]*)\\}");
  private static final Pattern POSIX = Pattern.compile("\\[:(\\^?)([a-z]+):\\]");

  private static final Map<Character, String> BY_LETTER =
      Map.of('w', WORDS, 'd', "\\p{Nd}", 's', "\\p{IsWhite_Space}", 'h', HEXADECIMAL);

  private static final Map<String, String> POSIX_NAMES =
      Map.ofEntries(
          Map.entry("alnum", "\\p{IsAlphabetic}\\p{Nd}"),
          Map.entry("alpha", "\\p{IsAlphabetic}"),
          Map.entry("ascii", "\\x00-\\x7F"),
          Map.entry("blank", "\\p{Zs}\\t"),
          Map.entry("cntrl", "\\p{Cc}"),
          Map.entry("digit", "\\p{Nd}"),
          Map.entry("graph", "\\p{IsGraph}"),
          Map.entry("lower", "\\p{IsLowercase}"),
          Map.entry("print", "\\p{IsPrint}"),
          Map.entry("punct", PUNCTUATION_AND_SYMBOLS),
          Map.entry("space", "\\p{IsWhite_Space}"),
          Map.entry("upper", "\\p{IsUppercase}"),
          Map.entry("word", WORDS),
          Map.entry("xdigit", HEXADECIMAL));

  /** Each short name before its long one. */
  private static final String CATEGORIES =
      """
      L Letter Lu UppercaseLetter Ll LowercaseLetter Lt TitlecaseLetter LC CasedLetter
      Lm ModifierLetter Lo OtherLetter M Mark Mn NonspacingMark Mc SpacingMark Me EnclosingMark
      N Number Nd DecimalNumber Nl LetterNumber No OtherNumber P Punctuation
      Pc ConnectorPunctuation Pd DashPunctuation Ps OpenPunctuation Pe ClosePunctuation
      Pi InitialPunctuation Pf FinalPunctuation Po OtherPunctuation S Symbol Sm MathSymbol
      Sc CurrencySymbol Sk ModifierSymbol So OtherSymbol Z Separator Zs SpaceSeparator
      Zl LineSeparator Zp ParagraphSeparator C Other Cc Control Cf Format Co PrivateUse
      Cn Unassigned Cs Surrogate M CombiningMark
      """;

  private static final String[] BINARY = {
    "Alphabetic",
    "Uppercase",
    "Lowercase",
    "White_Space",
    "Ideographic",
    "Assigned",
    "Join_Control",
    "Noncharacter_Code_Point",
    "Emoji",
    "Emoji_Presentation",
    "Emoji_Modifier",
    "Emoji_Modifier_Base",
    "Emoji_Component",
    "Extended_Pictographic"
  };

  private static final Map<String, String> PROPERTIES = properties();

  private CharacterSets() {}

  private static Map<String, String> properties() {
    Map<String, String> properties = new HashMap<>();
    for (Character.UnicodeScript script : Character.UnicodeScript.values()) {
      properties.put(normal(script.name()), "\\p{Is" + script.name() + "}");
    }
    for (String name : BINARY) {
      properties.put(normal(name), "\\p{Is" + name + "}");
    }
    properties.putAll(POSIX_NAMES);
    properties.put("punct", PUNCTUATION);
    properties.put("posixpunct", PUNCTUATION_AND_SYMBOLS);
    properties.put("asciihexdigit", HEXADECIMAL);
    properties.put("any", "\\x00-\\x{10FFFF}");
    String[] names = CATEGORIES.strip().split("\\s+", -1);
    for (int i = 0; i < names.length; i += 2) {
      properties.put(normal(names[i]), "\\p{" + names[i] + "}");
      properties.put(normal(names[i + 1]), "\\p{" + names[i] + "}");
    }
    return properties;
  }

  private static String normal(String name) {
    return name.replaceAll("[ _-]", "").toLowerCase(Locale.ROOT);
  }

  /**
   * Reads the name of a set that an escape gives.
   *
   * @return a class of its own; null if it gives none
   */
  static String read(ExpressionText text, boolean inBrackets) {
    char letter = text.charAt(1);
    if (letter == 'p' || letter == 'P') {
      return property(text, inBrackets);
    }
    String set = BY_LETTER.get(Character.toLowerCase(letter));
    if (set == null) {
      return null;
    }
    text.advance(2);
    return bracketed(Character.isUpperCase(letter), set, inBrackets);
  }

  /** The same in brackets in which case does not count. */
  static String readWithoutCase(ExpressionText text, boolean negated) {
    String set = read(text, true);
    return set == null ? null : closed(text, set, negated);
  }

  /** With the other cases of what it has. */
  private static String closed(ExpressionText text, String set, boolean negated) {
    IntPredicate has = contains(set);
    if (!negated && CaseFolds.standsForSeveral(has)) {
      throw text.refusedBefore(
          "without regard to case a character of the set stands for several, as \"ß\" for"
              + " \"ss\"");
    }
    return "[" + set + CaseFolds.others(has) + "]";
  }

  private static IntPredicate contains(String set) {
    Predicate<String> matches =
        Pattern.compile(set, Pattern.UNICODE_CHARACTER_CLASS).asMatchPredicate();
    return c -> matches.test(Character.toString(c));
  }

  /** Reads a set in the manner of [:alpha:]; null if there is none. */
  static String readPosix(ExpressionText text, boolean ignoreCase, boolean negated) {
    Matcher matcher = text.matcher(POSIX);
    if (!matcher.lookingAt()) {
      return null;
    }
    String set = POSIX_NAMES.get(matcher.group(2));
    if (set == null) {
      throw text.refused(matcher.end(), "this set is not known");
    }
    text.advance(matcher.end());
    String all = bracketed(!matcher.group(1).isEmpty(), set, true);
    return ignoreCase ? closed(text, all, negated) : all;
  }

  private static String property(ExpressionText text, boolean inBrackets) {
    Matcher matcher = text.matcher(PROPERTY);
    if (!matcher.lookingAt()) {
      throw text.refused(3, "a name in braces is needed");
    }
    String set = PROPERTIES.getOrDefault(normal(matcher.group(2)), script(matcher.group(2)));
    if (set == null) {
      throw text.refused(matcher.end(), "this set is not known");
    }
    boolean negated = (text.charAt(1) == 'P') == matcher.group(1).isEmpty();
    text.advance(matcher.end());
    return bracketed(negated, set, inBrackets);
  }

  /** By its short name, such as Hani; null if there is none. */
  private static String script(String name) {
    try {
      return name.length() == 4
          ? "\\p{Is" + Character.UnicodeScript.forName(name).name() + "}"
          : null;
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  private static String bracketed(boolean negated, String set, boolean inBrackets) {
    String text = set.equals(WORDS) && !inBrackets ? WORD : "[" + set + "]";
    return negated ? "[^" + text.substring(1) : text;
  }

  /** One character, in a class and outside of one. */
  static String quote(int character) {
    return isAsciiLetterOrDigit(character) || character >= 0x250
        ? Character.toString(character)
        : "\\x{%X}".formatted(character);
  }

  static boolean isAsciiLetterOrDigit(int c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }
}
