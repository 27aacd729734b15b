package dev.lanewise.trainer.cli.jvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CoresTest {

  @TempDir private Path folder;

  /** A machine of four cores with two threads each: 0 and 4, 1 and 5, and so on. */
  private int cores(String allowed, int available) throws IOException {
    for (int processor = 0; processor < 8; processor++) {
      Path topology = folder.resolve("cpu" + processor).resolve("topology");
      Files.createDirectories(topology);
      Files.writeString(
          topology.resolve("thread_siblings_list"),
          "%d,%d%n".formatted(processor % 4, processor % 4 + 4));
    }
    Path status =
        Files.writeString(
            folder.resolve("status"), "Name:\tjava\nCpus_allowed_list:\t" + allowed + "\n");
    return Cores.physical(folder, status, available);
  }

  @Test
  void threadsOfOneCoreCountOnce() throws IOException {
    assertThat(cores("0-7", 8)).isEqualTo(4);
    assertThat(cores("0-1,4-5", 4)).isEqualTo(2);
    assertThat(cores("3,7", 2)).isEqualTo(1);
  }

  @Test
  void aQuotaOfTimeCounts() throws IOException {
    assertThat(cores("0-7", 3)).isEqualTo(3);
  }

  @Test
  void whereNothingIsSaidAllProcessorsCount() throws IOException {
    assertThat(cores("0-9", 10)).isEqualTo(10);
    assertThat(cores("all", 6)).isEqualTo(6);
    assertThat(Cores.physical(folder, folder.resolve("missing"), 5)).isEqualTo(5);
  }
}
