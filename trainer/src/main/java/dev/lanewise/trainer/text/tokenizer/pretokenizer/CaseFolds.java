package dev.lanewise.trainer.text.tokenizer.pretokenizer;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntPredicate;

/** Which characters are the same without regard to case, by Unicode's folding of cases. */
final class CaseFolds {

  /** By what they fold to, those that have a case. */
  private static final Map<String, Set<Integer>> SAME = new HashMap<>();

  /** What single characters fold to that become several, such as "ss" for "ß". */
  private static final Set<String> SEVERAL = new HashSet<>();

  static {
    for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
      if (hasCase(c)) {
        String folded = fold(c);
        Set<Integer> same = SAME.computeIfAbsent(folded, f -> new TreeSet<>());
        same.add(c);
        if (folded.codePointCount(0, folded.length()) == 1) {
          same.add(folded.codePointAt(0));
        } else {
          SEVERAL.add(folded);
        }
      }
    }
  }

  private CaseFolds() {}

  private static boolean hasCase(int c) {
    return Character.isLowerCase(c) || Character.isUpperCase(c) || Character.isTitleCase(c);
  }

  static String fold(int character) {
    // Turkish letters fold as these; Java's cases make an i of both.
    if (character == 0x131) {
      return "\u0131";
    }
    String one = Character.toString(character);
    return one.toLowerCase(Locale.ROOT).toUpperCase(Locale.ROOT).toLowerCase(Locale.ROOT);
  }

  /** Whether folded text holds what one character can stand for. */
  static boolean holdsSeveral(CharSequence folded) {
    String text = folded.toString();
    return SEVERAL.stream().anyMatch(text::contains);
  }

  /** A character and those that are the same, in Java's words. */
  static String characterClass(int character) {
    Collection<Integer> same = same(character);
    return same.size() <= 1 ? CharacterSets.quote(character) : "[" + joined(same) + "]";
  }

  /** Those that are the same as one of a set, and not in it, in Java's words for a class. */
  static String others(IntPredicate isInSet) {
    return joined(
        SAME.values().stream()
            .filter(same -> same.stream().anyMatch(isInSet::test))
            .flatMap(Set::stream)
            .filter(c -> !isInSet.test(c))
            .sorted()
            .toList());
  }

  /** Whether a character of a set can stand for several. */
  static boolean standsForSeveral(IntPredicate isInSet) {
    return SEVERAL.stream().flatMap(f -> SAME.get(f).stream()).anyMatch(isInSet::test);
  }

  private static Collection<Integer> same(int character) {
    return SAME.getOrDefault(fold(character), Set.of());
  }

  private static String joined(Collection<Integer> characters) {
    StringBuilder joined = new StringBuilder();
    characters.forEach(c -> joined.append(CharacterSets.quote(c)));
    return joined.toString();
  }
}
