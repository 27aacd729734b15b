package dev.lanewise.bench.peers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * How fast one side wrote text in one round.
 *
 * @param contender {@code lanewise} or {@code llama.cpp}
 * @param weights the precision in which it held the weights
 * @param prompt tokens a second of a prompt
 * @param text tokens a second of the text behind a short one
 * @param company the share of the processors that others used meanwhile
 */
record TextResult(
    int round,
    String contender,
    String weights,
    int threads,
    double prompt,
    double text,
    double company) {

  private static final String HEADER =
      "round,contender,weights,threads,prompt_tokens_per_s,text_tokens_per_s,company";

  private String toCsv() {
    return String.format(
        Locale.ROOT,
        "%d,%s,%s,%d,%.2f,%.2f,%.4f",
        round,
        contender,
        weights,
        threads,
        prompt,
        text,
        company);
  }

  static void write(Path file, List<TextResult> results) throws IOException {
    List<String> lines = new ArrayList<>(List.of(HEADER));
    results.forEach(result -> lines.add(result.toCsv()));
    Files.write(file, lines);
  }

  static List<TextResult> read(Path file) throws IOException {
    List<TextResult> results = new ArrayList<>();
    List<String> lines = Files.readAllLines(file);
    for (String line : lines.subList(1, lines.size())) {
      String[] cells = line.split(",", -1);
      results.add(
          new TextResult(
              Integer.parseInt(cells[0]),
              cells[1],
              cells[2],
              Integer.parseInt(cells[3]),
              Double.parseDouble(cells[4]),
              Double.parseDouble(cells[5]),
              Double.parseDouble(cells[6])));
    }
    return results;
  }
}
