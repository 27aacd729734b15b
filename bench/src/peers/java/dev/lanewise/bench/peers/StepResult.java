package dev.lanewise.bench.peers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What one JVM measured: the line that {@code lanewise bench} and {@link PyTorchStep} print, the
 * peak of the process's resident memory, and how busy others kept the machine meanwhile.
 */
record StepResult(
    int round,
    String contender,
    String preset,
    int threads,
    double millisecondsPerStep,
    double gigaflops,
    double peakFraction,
    long peakMegabytes,
    double company) {

  private static final String HEADER =
      "round,contender,preset,threads,ms_per_step,gflops,peak_fraction,peak_rss_mb,company";

  /** Reads a line of words of the form name=value. */
  static StepResult parse(
      int round, String contender, String line, long peakMegabytes, double company) {
    Map<String, String> values = new LinkedHashMap<>();
    for (String word : line.strip().split(" ", -1)) {
      int equals = word.indexOf('=');
      if (equals > 0) {
        values.put(word.substring(0, equals), word.substring(equals + 1));
      }
    }
    if (!values.containsKey("ms_per_step")) {
      throw new IllegalArgumentException(contender + " printed no result but: " + line);
    }
    return new StepResult(
        round,
        contender,
        values.get("preset"),
        Integer.parseInt(values.get("threads")),
        Double.parseDouble(values.get("ms_per_step")),
        Double.parseDouble(values.get("gflops")),
        Double.parseDouble(values.get("peak_fraction")),
        peakMegabytes,
        company);
  }

  private String toCsv() {
    return Arrays.asList(
            round,
            contender,
            preset,
            threads,
            millisecondsPerStep,
            gigaflops,
            peakFraction,
            peakMegabytes,
            String.format(Locale.ROOT, "%.4f", company))
        .stream()
        .map(Object::toString)
        .collect(Collectors.joining(","));
  }

  static void write(Path file, List<StepResult> results) throws IOException {
    List<String> lines = new ArrayList<>(List.of(HEADER));
    results.forEach(result -> lines.add(result.toCsv()));
    Files.write(file, lines);
  }

  static List<StepResult> read(Path file) throws IOException {
    List<StepResult> results = new ArrayList<>();
    List<String> lines = Files.readAllLines(file);
    for (String line : lines.subList(1, lines.size())) {
      String[] cells = line.split(",", -1);
      results.add(
          new StepResult(
              Integer.parseInt(cells[0]),
              cells[1],
              cells[2],
              Integer.parseInt(cells[3]),
              Double.parseDouble(cells[4]),
              Double.parseDouble(cells[5]),
              Double.parseDouble(cells[6]),
              Long.parseLong(cells[7]),
              Double.parseDouble(cells[8])));
    }
    return results;
  }
}
