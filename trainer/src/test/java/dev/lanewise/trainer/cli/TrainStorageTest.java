package dev.lanewise.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lanewise.trainer.fixture.SmallSettings;
import dev.lanewise.trainer.fixture.Texts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * A disk that fills up, turns read-only or goes away under a run: an error that says so, exit code
 * 1, and a checkpoint to go on from. The disk is a small tmpfs, which it takes root on Linux to
 * mount; injected failures of every single write are {@code FailingDiskTest}'s.
 */
@Tag("programs")
@EnabledOnOs(value = OS.LINUX, disabledReason = "it takes a file system of its own")
@Timeout(120)
class TrainStorageTest {

  @TempDir private Path folder;
  private Path disk;
  private Path text;
  private boolean mounted;

  @BeforeEach
  void writeText() throws IOException {
    disk = Files.createDirectory(folder.resolve("disk"));
    text = Files.writeString(folder.resolve("text.txt"), Texts.LINES);
  }

  @AfterEach
  void unmount() throws Exception {
    if (mounted) {
      assertThat(exitCode("umount", disk.toString())).isZero();
    }
  }

  private static int exitCode(String... command) throws IOException, InterruptedException {
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
  }

  private void mount() throws IOException, InterruptedException {
    mounted = exitCode("mount", "-t", "tmpfs", "-o", "size=2m", "none", disk.toString()) == 0;
    assumeTrue(mounted, "mounting a tmpfs is not allowed here");
  }

  private CommandRun resume(Path run, String... more) {
    List<String> arguments = new ArrayList<>(List.of("train", "--resume", "--out=" + run));
    arguments.addAll(List.of("--data", text.toString(), "--threads=1", "--steps=8"));
    arguments.addAll(List.of(more));
    return CommandRun.of(arguments.toArray(String[]::new));
  }

  private CommandRun begin(Path run, String... more) {
    List<String> options = new ArrayList<>(List.of("--d-model=32", "--d-ff=64", "--warmup=0"));
    options.addAll(List.of("--checkpoint-every=2", "--evaluate-every=4", "--seed=3"));
    options.addAll(List.of(more));
    return CommandRun.train(text, run, options.toArray(String[]::new));
  }

  private static List<String> checkpoints(Path run) throws IOException {
    try (Stream<Path> entries = Files.list(run.resolve("checkpoints"))) {
      return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
    }
  }

  private static void requireError(CommandRun run, String... messages) {
    assertThat(run.exitCode()).as(run.out() + run.err()).isEqualTo(1);
    assertThat(run.err()).contains(messages).doesNotContain("\tat ", "bug");
  }

  /** Leaves so many bytes free. */
  private Path fill(int left) throws IOException {
    Path filler = disk.resolve("filler");
    long free = Files.getFileStore(disk).getUsableSpace();
    Files.write(filler, new byte[Math.toIntExact(free - left)]);
    return filler;
  }

  @Test
  void aFullDiskEndsTheRunAndFreedSpaceLetsItGoOn() throws Exception {
    mount();
    Path run = disk.resolve("run");
    CommandRun first = begin(run, "--steps=4");
    first.requireSuccess();
    List<String> before = checkpoints(run);

    // Enough for the small files of a run, too little for a checkpoint.
    Path filler = fill(48 << 10);
    for (String policy : List.of("stop", "continue")) {
      CommandRun full = resume(run, "--on-checkpoint-failure=" + policy);
      requireError(full, run.toString(), "the disk is full", "--keep");
      assertThat(full.err()).contains("warning: the checkpoint of step 6 could not be written");
      assertThat(full.err().contains("the checkpoint of step 8"))
          .as("tried again at step 8")
          .isEqualTo(policy.equals("continue"));
      assertThat(checkpoints(run)).isEqualTo(before);
    }
    Files.delete(filler);
    fill(0);
    requireError(resume(run), "the disk is full");
    assertThat(checkpoints(run)).isEqualTo(before);
    Files.delete(filler);

    CommandRun rest = resume(run);
    rest.requireSuccess();
    assertThat(rest.out()).contains("resumed, 4 to 8");
  }

  @Test
  void aFullDiskAtTheBeginningIsNamed() throws Exception {
    mount();
    fill(0);
    requireError(begin(disk.resolve("run"), "--steps=2"), "the disk is full");
  }

  @Test
  void aReadOnlyDiskIsNamed() throws Exception {
    mount();
    Path run = disk.resolve("run");
    begin(run, "--steps=4").requireSuccess();
    List<String> before = checkpoints(run);
    assertThat(exitCode("mount", "-o", "remount,ro", disk.toString())).isZero();

    requireError(resume(run), run.toString(), "read-only", "--out");
    requireError(begin(disk.resolve("other"), "--steps=4"), "read-only", "--out");
    assertThat(checkpoints(run)).isEqualTo(before);
  }

  @Test
  void aFolderOfSomebodyElseIsNamed() throws Exception {
    assumeFalse("root".equals(System.getProperty("user.name")), "root may write anywhere");
    Files.setPosixFilePermissions(disk, PosixFilePermissions.fromString("r-xr-xr-x"));
    try {
      requireError(
          begin(disk.resolve("run"), "--steps=2"), disk.toString(), "permission denied", "--out");
    } finally {
      Files.setPosixFilePermissions(disk, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
  }

  @Test
  void aFileWhereTheRunShouldBeIsNamed() throws Exception {
    Path file = Files.writeString(disk.resolve("run"), "not a folder");
    requireError(begin(file, "--steps=2"), file.toString(), "--out");
    assertThat(file).hasContent("not a folder");
  }

  @Test
  void aRunFolderThatVanishesIsNamed() throws Exception {
    Path run = disk.resolve("run");
    Path output = folder.resolve("output.txt");
    List<String> arguments =
        SmallSettings.trainCommand(
            text, run, "--steps=1000000", "--checkpoint-every=100", "--on-checkpoint-failure=stop");
    try (LanewiseProcess process = LanewiseProcess.start(output, List.of(), arguments)) {
      process.awaitOutput("step 100: saved to");
      Files.move(run, disk.resolve("elsewhere"));
      assertThat(process.exitCode()).as(process.output()).isEqualTo(1);
      assertThat(process.output()).contains(run.toString(), "the folder has vanished");
    }
    assertThat(disk.resolve("elsewhere/checkpoints/step-000100")).isDirectory();
  }
}
