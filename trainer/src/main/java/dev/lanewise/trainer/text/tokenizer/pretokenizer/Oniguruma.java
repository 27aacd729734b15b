package dev.lanewise.trainer.text.tokenizer.pretokenizer;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Reads regular expressions in the form that tokenizer files have, which is Oniguruma's, into
 * Java's. Each part is written anew in the words of Java that mean the same; what has none is
 * refused.
 */
final class Oniguruma {

  private static final int LONGEST = 1 << 12;

  private static final Pattern COUNT = Pattern.compile("\\{(\\d{0,5})(,?)(\\d{0,5})\\}");
  private static final Pattern OPTIONS = Pattern.compile("\\(\\?([imx]*)(-[imx]*)?([:)])");
  private static final Pattern NAMED_GROUP = Pattern.compile("\\(\\?(?:<(\\w+)>|'(\\w+)')");
  private static final Pattern REFERENCE = Pattern.compile("\\\\(?:k(?:<(\\w+)>|'(\\w+)')|(\\d+))");

  /** Before anything else that begins with {@code (?}; all mean the same in both. */
  private static final String[] SAME_GROUPS = {"(?=", "(?!", "(?>", "(?<=", "(?<!"};

  /** Places and characters by their letter, where Java writes them otherwise or in the same way. */
  private static final Map<Character, String> SIMPLE =
      Map.of(
          'b', "(?:(?<=%1$s)(?!%1$s)|(?<!%1$s)(?=%1$s))".formatted(CharacterSets.WORD),
          'B', "(?:(?<=%1$s)(?=%1$s)|(?<!%1$s)(?!%1$s))".formatted(CharacterSets.WORD),
          'A', "\\A",
          'z', "\\z",
          'Z', "\\Z",
          'G', "\\G",
          'R', "(?>\\r\\n|[\\n-\\r\\x85\\x{2028}\\x{2029}])",
          'N', "[^\\n]",
          'O', "(?s:.)");

  /**
   * True of any text. Java looks behind by whole characters, and not by halves of those beyond
   * U+FFFF, only where such a character follows in the expression.
   */
  private static final String WHOLE_CHARACTERS = "(?!(?!)\ud83d\ude00)";

  /**
   * How an expression is read from a place on.
   *
   * @param ignoreCase {@code (?i)}
   * @param dotIsAll {@code (?m)}: a dot is a line feed too
   * @param extended {@code (?x)}: white space and comments are passed over
   */
  private record Options(boolean ignoreCase, boolean dotIsAll, boolean extended) {

    Options with(String letters, boolean on) {
      return new Options(
          letters.indexOf('i') >= 0 ? on : ignoreCase,
          letters.indexOf('m') >= 0 ? on : dotIsAll,
          letters.indexOf('x') >= 0 ? on : extended);
    }
  }

  /**
   * How often something is repeated.
   *
   * @param most {@link #UNLIMITED} if there is no limit
   * @param kind nothing, a question mark where it is reluctant, or a plus where it is possessive
   */
  private record Repetition(int least, int most, String kind) {

    static final int UNLIMITED = Integer.MAX_VALUE;

    boolean isReluctant() {
      return kind.equals("?");
    }

    /**
     * One that means the same as this one repeated; null if there is none. Oniguruma does so too,
     * and Java would need stack for each round of two.
     */
    Repetition repeated(Repetition outer) {
      boolean isOne =
          (kind + outer.kind).isEmpty()
              && Math.max(least, outer.least) <= 1
              && most > 0
              && outer.most == UNLIMITED;
      return isOne ? new Repetition(least * outer.least, UNLIMITED, "") : null;
    }

    String java() {
      if (most == UNLIMITED && least <= 1) {
        return (least == 0 ? "*" : "+") + kind;
      }
      return "{" + least + "," + (most == UNLIMITED ? "" : most) + "}" + kind;
    }
  }

  private final ExpressionText text;
  private final boolean hasNames;
  private final StringBuilder java = new StringBuilder();
  private final Map<String, Integer> names = new HashMap<>();
  private final BitSet closedGroups = new BitSet();
  private int groups;
  private boolean looksBehind;

  /** How many groups that look behind are open. */
  private int behind;

  /** How many characters what was read last can match at most. */
  private int longest;

  /** Characters in a row whose case does not count, as they fold. */
  private final StringBuilder folded = new StringBuilder();

  private Oniguruma(String expression) {
    this.text = new ExpressionText(expression);
    this.hasNames = NAMED_GROUP.matcher(expression).find();
  }

  /**
   * Compiles an expression.
   *
   * @throws IllegalArgumentException that says what in it is not supported
   */
  static Pattern compile(String expression) {
    if (expression.isEmpty() || expression.length() > LONGEST) {
      throw new IllegalArgumentException(
          "a regular expression of 1 to %d characters is needed".formatted(LONGEST));
    }
    try {
      return Pattern.compile(
          new Oniguruma(expression).translate(),
          Pattern.UNICODE_CHARACTER_CLASS | Pattern.MULTILINE | Pattern.UNIX_LINES);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          "the regular expression cannot be used: " + e.getDescription(), e);
    } catch (StackOverflowError e) {
      throw new IllegalArgumentException("the regular expression is nested too deeply", e);
    }
  }

  private String translate() {
    alternatives(new Options(false, false, false));
    if (!text.ended()) {
      throw text.refused(1, "no group is open");
    }
    return looksBehind ? "(?:" + java + ")" + WHOLE_CHARACTERS : java.toString();
  }

  private void alternatives(Options options) {
    sequence(options);
    while (text.skip("|")) {
      int before = longest;
      java.append('|');
      folded.setLength(0);
      sequence(options);
      longest = Math.max(before, longest);
    }
  }

  private void sequence(Options options) {
    long length = 0;
    while (!text.startsWith("|") && !text.startsWith(")") && !text.ended()) {
      if (skipsBetween(options)) {
        continue;
      }
      Matcher set = text.matcher(OPTIONS);
      if (set.lookingAt() && set.group(3).equals(")")) {
        // They reach to the end of the group, over all alternatives that follow.
        text.advance(set.end());
        java.append("(?:");
        alternatives(changed(options, set));
        java.append(')');
        length += longest;
        break;
      }
      int start = java.length();
      longest = 1;
      boolean repeats = atom(options);
      repetitions(start, repeats, options);
      length += longest;
    }
    longest = atMostUnlimited(length);
  }

  private static int atMostUnlimited(long length) {
    return (int) Math.min(length, Repetition.UNLIMITED);
  }

  private static Options changed(Options options, Matcher set) {
    String off = set.group(2) == null ? "" : set.group(2);
    return options.with(set.group(1), true).with(off, false);
  }

  /** Translates what stands for characters or for a place; whether it can be repeated. */
  private boolean atom(Options options) {
    if (repetition() != null) {
      throw text.refusedBefore("nothing that it could repeat is before it");
    }
    int c = text.peek();
    switch (c) {
      case '(' -> {
        return group(options);
      }
      case '[' -> other(BracketClass.read(text, options.ignoreCase()));
      case '\\' -> {
        return escape(options);
      }
      case '.' -> {
        text.advance(1);
        other(options.dotIsAll() ? "(?s:.)" : ".");
      }
      case '^', '$' -> {
        text.advance(1);
        other(Character.toString(c));
        return false;
      }
      default -> literal(text.next(), options);
    }
    return true;
  }

  private void other(String part) {
    folded.setLength(0);
    java.append(part);
  }

  private void literal(int character, Options options) {
    if (!options.ignoreCase()) {
      other(CharacterSets.quote(character));
      return;
    }
    folded.append(CaseFolds.fold(character));
    if (CaseFolds.holdsSeveral(folded)) {
      throw text.refusedBefore(
          "without regard to case one character can stand for several there, such as \"ß\" for"
              + " \"ss\"");
    }
    java.append(CaseFolds.characterClass(character));
  }

  private boolean group(Options options) {
    Matcher set = text.matcher(OPTIONS);
    Matcher named = text.matcher(NAMED_GROUP);
    if (set.lookingAt()) {
      inGroup("(?:", set.end(), changed(options, set));
      return true;
    }
    for (String same : SAME_GROUPS) {
      if (text.startsWith(same)) {
        int back = same.startsWith("(?<") ? 1 : 0;
        looksBehind |= back > 0;
        int start = text.at();
        behind += back;
        inGroup(same, same.length(), options);
        behind -= back;
        if (back > 0 && longest > RegexScanner.LOOK_BEHIND) {
          throw text.refusedAt(
              start,
              text.at() - start,
              "it looks behind more than %d characters".formatted(RegexScanner.LOOK_BEHIND));
        }
        return same.equals("(?>");
      }
    }
    boolean isNamed = named.lookingAt();
    if (!isNamed && (text.startsWith("(?") || text.startsWith("(*"))) {
      throw text.refused(3, "this kind of group is not known");
    }
    if (!isNamed && hasNames) {
      inGroup("(?:", 1, options);
      return true;
    }
    int number = ++groups;
    if (isNamed && names.put(name(named), number) != null) {
      throw text.refused(named.end(), "two groups have this name");
    }
    inGroup("(", isNamed ? named.end() : 1, options);
    closedGroups.set(number);
    return true;
  }

  private static String name(Matcher matcher) {
    return matcher.group(1) == null ? matcher.group(2) : matcher.group(1);
  }

  private void inGroup(String begin, int length, Options options) {
    int start = text.at();
    text.advance(length);
    java.append(begin);
    alternatives(options);
    if (!text.skip(")")) {
      throw text.refusedAt(start, length, "the group is not closed");
    }
    java.append(')');
  }

  private boolean escape(Options options) {
    char c = text.charAt(1);
    Matcher reference = text.matcher(REFERENCE);
    if (reference.lookingAt() && c != '0') {
      reference(reference, options);
      return true;
    }
    String set = CharacterSets.read(text, false);
    if (set != null) {
      other(set);
      return true;
    }
    if (SIMPLE.containsKey(c)) {
      text.advance(2);
      looksBehind |= c == 'b' || c == 'B';
      other(SIMPLE.get(c));
      longest = c == 'R' ? 2 : 1;
      return c == 'R' || c == 'N' || c == 'O';
    }
    literal(text.escapedCharacter("ijlmqEFIJLQTUV"), options);
    return true;
  }

  /** To a group that ended before, of which both then mean what it matched last. */
  private void reference(Matcher reference, Options options) {
    String digits = reference.group(3);
    String name = digits == null ? name(reference) : digits;
    boolean byNumber = name.matches("[1-9]");
    int number = byNumber ? (hasNames ? 0 : name.charAt(0) - '0') : names.getOrDefault(name, 0);
    if (!closedGroups.get(number)) {
      throw text.refused(reference.end(), "no group of this name or number ends before it");
    }
    if (options.ignoreCase()) {
      throw text.refused(reference.end(), "it is not supported where case does not count");
    }
    text.advance(reference.end());
    other("(?:\\" + number + ")");
  }

  /** What stands behind an atom that begins at {@code start}. */
  private void repetitions(int start, boolean repeats, Options options) {
    int end = java.length();
    int once = longest;
    Repetition inner = null;
    while (true) {
      boolean between = true;
      while (between) {
        between = skipsBetween(options);
      }
      int at = text.at();
      Repetition read = repetition();
      if (read == null) {
        return;
      }
      if (!repeats) {
        throw text.refusedAt(at, text.at() - at, "a place in the text cannot be repeated");
      }
      if (behind > 0 && read.most() == Repetition.UNLIMITED) {
        throw text.refusedAt(
            at, text.at() - at, "what looks behind can repeat only up to a number of times");
      }
      if (inner != null && (read.isReluctant() || inner.isReluctant())) {
        throw text.refusedAt(at, text.at() - at, "it repeats what is repeated reluctantly");
      }
      Repetition both = inner == null ? read : inner.repeated(read);
      if (both == null) {
        java.insert(start, "(?:").append(')');
        end = java.length();
        once = longest;
        both = read;
      }
      java.setLength(end);
      java.append(both.java());
      longest = atMostUnlimited((long) once * both.most());
      inner = both;
      folded.setLength(0);
    }
  }

  /** Passes over a comment or white space that is no part of the expression; false if none is. */
  private boolean skipsBetween(Options options) {
    return text.skipComment() || (options.extended() && text.skipBlank());
  }

  /**
   * The next one; null if there is none. A plus behind {1,3} is a repetition of its own, as is a
   * question mark behind {3}.
   */
  private Repetition repetition() {
    int c = text.peek();
    if (c == '*' || c == '+' || c == '?') {
      text.advance(1);
      String kind = text.skip("?") ? "?" : text.skip("+") ? "+" : "";
      return new Repetition(c == '+' ? 1 : 0, c == '?' ? 1 : Repetition.UNLIMITED, kind);
    }
    Matcher count = text.matcher(COUNT);
    if (!count.lookingAt() || (count.group(1) + count.group(3)).isEmpty()) {
      return null;
    }
    boolean isRange = !count.group(2).isEmpty();
    int least = number(count.group(1), 0);
    int most = isRange ? number(count.group(3), Repetition.UNLIMITED) : least;
    if (least > most) {
      throw text.refused(count.end(), "the first number is larger than the second");
    }
    text.advance(count.end());
    return new Repetition(least, most, isRange && text.skip("?") ? "?" : "");
  }

  private static int number(String digits, int otherwise) {
    return digits.isEmpty() ? otherwise : Integer.parseInt(digits);
  }
}
