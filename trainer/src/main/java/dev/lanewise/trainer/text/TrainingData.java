package dev.lanewise.trainer.text;

import dev.lanewise.trainer.progress.Progress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** What a user names to train on. */
public sealed interface TrainingData permits TextSource, JsonLinesFiles {

  /**
   * The files and folders to name in order to get the data again, none for the JDK's sources.
   *
   * @return empty if it is only known to the program that made it
   */
  Optional<List<Path>> named();

  /** What this is, for messages: a path, or a few words. */
  String description();

  /** SHA-256, in hex, of all of it. */
  String fingerprint(Progress progress) throws IOException;
}
