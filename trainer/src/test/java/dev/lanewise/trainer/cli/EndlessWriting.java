package dev.lanewise.trainer.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;

/** Begins to write a result into the folder that it is given, and does not end by itself. */
final class EndlessWriting {

  private EndlessWriting() {}

  /** Prints a line when a part is there. */
  public static void main(String[] args) throws IOException {
    new OutputPlace(Path.of(args[0]), true, false)
        .write(
            part -> {
              Files.writeString(part.resolve("model.safetensors"), "the first half");
              System.out.println("a part is there");
              while (true) {
                LockSupport.park();
              }
            });
  }
}
