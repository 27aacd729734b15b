package dev.lanewise.trainer.cli;

import dev.lanewise.trainer.files.DurableFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A folder that goes with all that is in it, also when a signal ends the program. */
final class TemporaryFolder implements AutoCloseable {

  private final Path path;
  private final Thread onExit;

  TemporaryFolder(String name) throws IOException {
    this.path = Files.createTempDirectory(name);
    this.onExit = new Thread(this::deleteQuietly, "delete " + path);
    Runtime.getRuntime().addShutdownHook(onExit);
  }

  Path resolve(String name) {
    return path.resolve(name);
  }

  private void deleteQuietly() {
    try {
      DurableFiles.deleteTree(path);
    } catch (IOException e) {
      // The program is ending, and nobody is left who could be told.
    }
  }

  @Override
  public void close() throws IOException {
    DurableFiles.deleteTree(path);
    try {
      Runtime.getRuntime().removeShutdownHook(onExit);
    } catch (IllegalStateException e) {
      // It is running, and finds nothing to delete.
    }
  }
}
