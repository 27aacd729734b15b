package dev.lanewise.model.family;

import dev.lanewise.model.layer.NgramTable;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Tables of n-grams as settings and files write them: {@code 2:65536,3:65536}, tokens and rows. */
public final class NgramTables {

  private NgramTables() {}

  /**
   * Reads tables.
   *
   * @throws IllegalArgumentException that says what is wrong
   */
  public static List<NgramTable> parse(String text) {
    List<NgramTable> tables = new ArrayList<>();
    if (text.isBlank()) {
      return tables;
    }
    int last = 0;
    for (String each : text.split(",", -1)) {
      NgramTable table = table(each.strip());
      if (table.tokens() <= last) {
        throw new IllegalArgumentException(
            "tables come in order of their tokens, one for each number");
      }
      last = table.tokens();
      tables.add(table);
    }
    return tables;
  }

  private static NgramTable table(String text) {
    int colon = text.indexOf(':');
    try {
      if (colon > 0) {
        return new NgramTable(
            Integer.parseInt(text.substring(0, colon).strip()),
            Integer.parseInt(text.substring(colon + 1).strip()));
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw new IllegalArgumentException(
        "\"%s\" is no table; write tokens:rows, such as 2:65536".formatted(text));
  }

  /** Writes tables. */
  public static String format(List<NgramTable> tables) {
    return tables.stream()
        .map(table -> table.tokens() + ":" + table.rows())
        .collect(Collectors.joining(","));
  }
}
