package dev.lanewise.trainer.cli;

import dev.lanewise.trainer.files.DurableFiles;
import java.io.IOException;
import java.nio.file.Path;

/** A file or folder that goes when a signal ends the program, until it is kept. */
final class DeletedOnExit {

  private final Path path;
  private final Thread onExit;

  DeletedOnExit(Path path) {
    this.path = path;
    this.onExit = new Thread(this::deleteQuietly, "delete " + path);
    Runtime.getRuntime().addShutdownHook(onExit);
  }

  private void deleteQuietly() {
    try {
      DurableFiles.deleteTree(path);
    } catch (IOException e) {
      // The program is ending, and nobody is left who could be told.
    }
  }

  /** From now on it stays, or its owner deletes it. */
  void keep() {
    try {
      Runtime.getRuntime().removeShutdownHook(onExit);
    } catch (IllegalStateException e) {
      // It is running.
    }
  }
}
