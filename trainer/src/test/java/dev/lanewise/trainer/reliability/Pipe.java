package dev.lanewise.trainer.reliability;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;

/** A named pipe that nobody writes to: opening it for reading waits for ever. */
public final class Pipe {

  private Pipe() {}

  /** Makes one, or skips the test where there are none. */
  public static void make(Path path) throws InterruptedException {
    boolean made;
    try {
      made = new ProcessBuilder("mkfifo", path.toString()).start().waitFor() == 0;
    } catch (IOException e) {
      made = false;
    }
    assumeTrue(made, "there is no mkfifo here");
  }
}
