package dev.lanewise.bench.peers;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

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

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  static void write(Path file, List<TextResult> results) throws IOException {
    JSON.writeValue(file.toFile(), results);
  }

  static List<TextResult> read(Path file) throws IOException {
    return List.of(JSON.readValue(file.toFile(), TextResult[].class));
  }
}
