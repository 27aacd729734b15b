package dev.lanewise.trainer.cli;

import dev.lanewise.trainer.files.DurableFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A folder that goes with all that is in it, also when a signal ends the program. */
final class TemporaryFolder implements AutoCloseable {

  private final Path path;
  private final DeletedOnExit onExit;

  TemporaryFolder(String name) throws IOException {
    this.path = Files.createTempDirectory(name);
    this.onExit = new DeletedOnExit(path);
  }

  Path resolve(String name) {
    return path.resolve(name);
  }

  @Override
  public void close() throws IOException {
    DurableFiles.deleteTree(path);
    onExit.keep();
  }
}
