package dev.lanewise.bench.peers;

import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Option;

/** Options of a comparison whose sides take turns. */
final class Turns {

  @Option(
      names = "--rounds",
      paramLabel = "N",
      description = "times that each side is measured (default: ${DEFAULT-VALUE})")
  private int rounds = 5;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "threads that compute (default: ${DEFAULT-VALUE})")
  private int threads = 2;

  @Option(
      names = "--results",
      paramLabel = "DIR",
      required = true,
      description = "where the results go")
  private Path folder;

  /** Returns how many rounds there are, counted from 1. */
  int rounds() {
    return rounds;
  }

  /** Returns how many threads compute. */
  int threads() {
    return threads;
  }

  /** Returns the path of a file of results. */
  Path result(String name) {
    return folder.resolve(name);
  }

  /** Returns the sides in the order of a round, which turns from round to round. */
  static <T> List<T> inOrder(int round, List<T> sides) {
    return round % 2 == 0 ? sides.reversed() : sides;
  }
}
