package dev.lanewise.trainer.text.tokenizer.pretokenizer;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Which characters are the same without regard to case, by Unicode's folding of cases. */
final class CaseFolds {

  /** By what they fold to, those that are not alone. */
  private static final Map<String, Set<Integer>> SAME = new HashMap<>();

  /** What single characters fold to that become several, such as "ss" for "ß". */
  private static final Set<String> SEVERAL = new HashSet<>();

  static {
    for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
      String folded = fold(c);
      if (folded.codePointCount(0, folded.length()) > 1) {
        SEVERAL.add(folded);
      } else if (folded.codePointAt(0) != c) {
        SAME.computeIfAbsent(folded, f -> new TreeSet<>(List.of(f.codePointAt(0)))).add(c);
      }
    }
  }

  private CaseFolds() {}

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
    return same.isEmpty() ? CharacterSets.quote(character) : "[" + joined(same) + "]";
  }

  /** The others that are the same as one from here to there, in Java's words for a class. */
  static String others(int first, int last) {
    Set<Integer> others = new TreeSet<>();
    SAME.values().stream()
        .filter(same -> same.stream().anyMatch(c -> c >= first && c <= last))
        .forEach(others::addAll);
    others.removeIf(c -> c >= first && c <= last);
    return joined(others);
  }

  /** Whether a character from here to there can stand for several. */
  static boolean standsForSeveral(int first, int last) {
    for (int c = first; c <= last; c++) {
      if (SEVERAL.contains(fold(c))) {
        return true;
      }
    }
    return false;
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
