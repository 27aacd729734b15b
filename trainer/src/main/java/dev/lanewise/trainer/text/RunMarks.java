package dev.lanewise.trainer.text;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Tells folders that Lanewise itself wrote, which hold no text to train on. */
final class RunMarks {

  /** A folder that has all files of one row is ours. */
  private static final List<List<String>> MARKS =
      List.of(
          List.of("config.yaml", "metrics.jsonl", "checkpoints"),
          List.of("config.yaml", "run.lock"),
          List.of("config.yaml", "text.json"),
          List.of("run.lock", "data"),
          List.of("trainer.json", "manifest.json"),
          List.of("corpus.txt", "training.tokens"));

  private RunMarks() {}

  static boolean areIn(Path folder) {
    return MARKS.stream()
        .anyMatch(row -> row.stream().allMatch(name -> Files.exists(folder.resolve(name))));
  }
}
