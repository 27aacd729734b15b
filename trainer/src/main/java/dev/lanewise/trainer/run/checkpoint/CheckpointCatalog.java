package dev.lanewise.trainer.run.checkpoint;

import dev.lanewise.model.io.InvalidFileException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The checkpoints of a run folder, for reading. Changes nothing, so it may look into a run that is
 * being trained.
 */
public final class CheckpointCatalog {

  /** The folder of checkpoints in a run folder. */
  public static final String FOLDER = "checkpoints";

  private static final Logger LOG = LoggerFactory.getLogger(CheckpointCatalog.class);

  private final Path folder;

  /** What a search came to. */
  public record Search(Checkpoint found, List<IOException> damaged) {

    /**
     * Says what was found.
     *
     * @param found null if there is none that can be used
     * @param damaged why others, which would have been preferred, cannot be used
     */
    public Search {
      damaged = List.copyOf(damaged);
    }

    /** Whether there is a checkpoint to use. */
    public boolean isFound() {
      return found != null;
    }
  }

  /** Makes a catalog of a run folder, which need not be there. */
  public CheckpointCatalog(Path run) {
    this.folder = run.resolve(FOLDER);
  }

  /** Returns the folder that the checkpoints are in. */
  public Path folder() {
    return folder;
  }

  /**
   * Returns the folders that are named as checkpoints, by step. Nothing is said about what is in
   * them.
   *
   * @throws IOException if the folder of checkpoints cannot be read; if it is not there, there are
   *     no checkpoints
   */
  public NavigableMap<Long, Path> list() throws IOException {
    NavigableMap<Long, Path> found = new TreeMap<>();
    if (!Files.isDirectory(folder)) {
      return found;
    }
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
      for (Path entry : entries) {
        OptionalLong step = StepName.step(entry.getFileName().toString());
        if (step.isPresent() && Files.isDirectory(entry)) {
          found.put(step.getAsLong(), entry);
        }
      }
    }
    return found;
  }

  /** Finds the newest checkpoint that is not damaged. */
  public Search newest() throws IOException {
    return newestBefore(Long.MAX_VALUE);
  }

  /** Finds the newest checkpoint of a step before {@code step} that is not damaged. */
  public Search newestBefore(long step) throws IOException {
    return newestBefore(step, new ArrayList<>());
  }

  private Search newestBefore(long step, List<IOException> damaged) throws IOException {
    for (Path candidate : list().headMap(step, false).descendingMap().values()) {
      Checkpoint checkpoint = open(candidate, damaged);
      if (checkpoint != null) {
        return new Search(checkpoint, damaged);
      }
    }
    return new Search(null, damaged);
  }

  /**
   * Finds the checkpoint with the lowest validation loss, as the newest one remembers it. If it is
   * damaged or was not kept, or nothing was evaluated yet, the newest that is not damaged.
   */
  public Search best() throws IOException {
    List<IOException> damaged = new ArrayList<>();
    Path best = bestFolder();
    if (best != null) {
      Checkpoint checkpoint = open(best, damaged);
      if (checkpoint != null) {
        return new Search(checkpoint, damaged);
      }
    }
    return newestBefore(Long.MAX_VALUE, damaged);
  }

  private Path bestFolder() throws IOException {
    NavigableMap<Long, Path> all = list();
    for (Path candidate : all.descendingMap().values()) {
      try {
        Manifest.read(candidate).verify(candidate, StateFile.NAME);
        TrainingState state = StateFile.read(candidate.resolve(StateFile.NAME));
        return state.best() == null ? null : all.get(state.best().step());
      } catch (IOException e) {
        LOG.debug("{} does not tell which is the best: {}", candidate, e.toString());
      }
    }
    return null;
  }

  private static Checkpoint open(Path candidate, List<IOException> damaged) {
    try {
      Checkpoint checkpoint = Checkpoint.open(candidate);
      OptionalLong step = StepName.step(candidate.getFileName().toString());
      if (step.getAsLong() != checkpoint.state().step()) {
        throw new InvalidFileException(
            candidate.resolve(StateFile.NAME),
            "state.step",
            checkpoint.state().step() + " is not the step in the name of the folder");
      }
      return checkpoint;
    } catch (IOException e) {
      LOG.debug("checkpoint {} cannot be used", candidate, e);
      damaged.add(e);
      return null;
    }
  }
}
