package dev.lanewise.bench.peers;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * Tokens a second of Lanewise and llama.cpp, in each precision of the weights. Ratios are to
 * llama.cpp's F32 in the same round.
 */
record TextTable(List<Row> rows) {

  static final String LANEWISE = "lanewise";
  static final String LLAMA = "llama.cpp";
  static final String EXACT = "F32";

  /**
   * One side in one precision.
   *
   * @param prompt tokens a second
   * @param promptRatio to the peer's F32
   * @param text tokens a second
   * @param textRatio to the peer's F32
   */
  record Row(
      String contender,
      String weights,
      int threads,
      Spread prompt,
      Spread promptRatio,
      Spread text,
      Spread textRatio) {}

  static TextTable of(List<TextResult> results) {
    Map<Integer, TextResult> exact = new LinkedHashMap<>();
    Map<String, List<TextResult>> bySide = new LinkedHashMap<>();
    for (TextResult result : results) {
      if (result.contender().equals(LLAMA) && result.weights().equals(EXACT)) {
        exact.put(result.round(), result);
      }
    }
    // The order of the first round, which the second turns round.
    results.stream()
        .sorted((a, b) -> Integer.compare(a.round(), b.round()))
        .forEach(
            result ->
                bySide
                    .computeIfAbsent(
                        result.contender() + " " + result.weights(), side -> new ArrayList<>())
                    .add(result));
    List<Row> rows = new ArrayList<>();
    for (List<TextResult> ofSide : bySide.values()) {
      TextResult first = ofSide.getFirst();
      rows.add(
          new Row(
              first.contender(),
              first.weights(),
              first.threads(),
              spread(ofSide, TextResult::prompt),
              spread(ofSide, result -> result.prompt() / exact.get(result.round()).prompt()),
              spread(ofSide, TextResult::text),
              spread(ofSide, result -> result.text() / exact.get(result.round()).text())));
    }
    return new TextTable(rows);
  }

  private static Spread spread(List<TextResult> results, ToDoubleFunction<TextResult> value) {
    return Spread.of(results.stream().mapToDouble(value));
  }

  /** Returns the table in Markdown. */
  String toMarkdown() {
    StringBuilder text = new StringBuilder();
    text.append(
        """
        | | weights | threads | prompt of 900, tokens/s | to llama.cpp's F32 (least to greatest) | \
        64 tokens of text, tokens/s | to llama.cpp's F32 (least to greatest) |
        |---|---|--:|--:|--:|--:|--:|
        """);
    for (Row row : rows) {
      text.append(
          String.format(
              Locale.ROOT,
              "| %s | %s | %d | %.0f | %s | %.1f | %s |%n",
              row.contender(),
              row.weights(),
              row.threads(),
              row.prompt().median(),
              ratio(row.promptRatio()),
              row.text().median(),
              ratio(row.textRatio())));
    }
    return text.toString();
  }

  private static String ratio(Spread ratio) {
    return String.format(
        Locale.ROOT, "**%.2f** (%.2f to %.2f)", ratio.median(), ratio.least(), ratio.greatest());
  }
}
