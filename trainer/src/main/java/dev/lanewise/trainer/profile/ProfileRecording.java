package dev.lanewise.trainer.profile;

import dev.lanewise.trainer.files.DurableFiles;
import dev.lanewise.trainer.files.StorageProblem;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Recording;

/**
 * Records the events of Lanewise from {@link #start} until it is closed, and then writes them to a
 * file. What was never started writes nothing.
 */
public final class ProfileRecording implements AutoCloseable {

  /**
   * Of a long run the last part stays: thousands of steps of a small model. Until the end it is
   * among the temporary files of the JVM.
   */
  private static final long MOST_BYTES = 256L << 20;

  private static final List<String> EVENTS =
      List.of(
          "lanewise.Step",
          "lanewise.Shard",
          "lanewise.Layer",
          "lanewise.Reduce",
          "lanewise.Optimizer",
          "lanewise.Evaluate",
          "lanewise.Checkpoint");

  private final Path file;
  private Recording recording;

  /**
   * Makes a recording that has not begun.
   *
   * @param file what it is written to, in place of what is there
   */
  public ProfileRecording(Path file) {
    this.file = file;
  }

  /** Returns whether this JVM can record. */
  public static boolean isAvailable() {
    return FlightRecorder.isAvailable();
  }

  /** Begins to record. */
  public void start() {
    recording = new Recording();
    recording.setName("Lanewise");
    recording.setMaxSize(MOST_BYTES);
    for (String event : EVENTS) {
      recording.enable(event).withoutThreshold().withoutStackTrace();
    }
    recording.enable("lanewise.Machine").with("period", "beginChunk");
    recording.enable("jdk.CPUInformation").with("period", "beginChunk");
    recording.enable("jdk.DataLoss");
    recording.start();
  }

  /**
   * Ends the recording and writes it. The file is whole, or what it was before.
   *
   * @throws IOException that names the file
   */
  @Override
  public void close() throws IOException {
    if (recording == null) {
      return;
    }
    Path temporary = DurableFiles.temporary(file);
    try (Recording ending = recording) {
      ending.stop();
      ending.dump(temporary);
      try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
        DurableFiles.moveIntoPlace(channel, temporary, file);
      }
    } catch (IOException e) {
      throw new IOException(
          "the recording %s could not be written: %s"
              .formatted(file, StorageProblem.describe(file, e)),
          e);
    } finally {
      recording = null;
      Files.deleteIfExists(temporary);
    }
  }
}
