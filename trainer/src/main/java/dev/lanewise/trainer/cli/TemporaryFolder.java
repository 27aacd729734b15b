package dev.lanewise.trainer.cli;

import dev.lanewise.trainer.files.DurableFiles;
import dev.lanewise.trainer.files.StorageProblem;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A folder that goes with all that is in it, also when a signal ends the program. */
final class TemporaryFolder implements AutoCloseable {

  /** How a user names another place for all such folders. */
  static final String OPTION = "LANEWISE_JAVA_OPTS=-Djava.io.tmpdir=DIR";

  /** Something that writes into the folder. */
  @FunctionalInterface
  interface Writing<T> {
    T run() throws IOException;
  }

  private final Path path;
  private final DeletedOnExit onExit;

  TemporaryFolder(String name) throws IOException {
    this.path = Files.createTempDirectory(name);
    this.onExit = new DeletedOnExit(path);
  }

  Path resolve(String name) {
    return path.resolve(name);
  }

  /** Explains what the file system refuses meanwhile. */
  <T> T explaining(Writing<T> writing) throws IOException {
    try {
      return writing.run();
    } catch (FileSystemException e) {
      throw StorageProblem.explain(path, e, OPTION);
    }
  }

  @Override
  public void close() throws IOException {
    DurableFiles.deleteTree(path);
    onExit.keep();
  }
}
