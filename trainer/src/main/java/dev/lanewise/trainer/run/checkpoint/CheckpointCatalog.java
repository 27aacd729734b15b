package dev.lanewise.trainer.run.checkpoint;

import dev.lanewise.engine.registry.Registry;
import dev.lanewise.model.io.RegularFile;
import dev.lanewise.trainer.progress.LateLogger;
import dev.lanewise.trainer.progress.Progress;
import dev.lanewise.trainer.text.TokenizerKind;
import dev.lanewise.trainer.text.TokenizerKinds;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;

/**
 * The checkpoints of a run folder, for reading. Changes nothing, so it may look into a run that is
 * being trained.
 */
public final class CheckpointCatalog {

  private static final LateLogger LOG = new LateLogger(CheckpointCatalog.class);

  /** The folder of checkpoints in a run folder. */
  public static final String FOLDER = "checkpoints";

  private final Path folder;
  private final Registry<TokenizerKind> kinds;
  private final Progress progress;

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
    this(run.resolve(FOLDER), TokenizerKinds.STANDARD, Progress.SILENT);
  }

  private CheckpointCatalog(Path folder, Registry<TokenizerKind> kinds, Progress progress) {
    this.folder = folder;
    this.kinds = kinds;
    this.progress = progress;
  }

  /** Returns a catalog of the same run whose searches, which read whole checkpoints, tell. */
  public CheckpointCatalog telling(Progress listener) {
    return new CheckpointCatalog(folder, kinds, listener);
  }

  /** Returns a catalog of the same run, whose tokenizer is of one of these kinds. */
  public CheckpointCatalog reading(Registry<TokenizerKind> others) {
    return new CheckpointCatalog(folder, others, progress);
  }

  /** Returns the folder that the checkpoints are in. */
  public Path folder() {
    return folder;
  }

  /**
   * Returns the folders that are named as checkpoints, by step. Nothing is said about what is in
   * them.
   *
   * @throws IOException if the folder of checkpoints cannot be read, which must not pass for a run
   *     that has none yet; if it is not there, there are no checkpoints
   */
  public NavigableMap<Long, Path> list() throws IOException {
    NavigableMap<Long, Path> found = new TreeMap<>();
    Path run = folder.getParent();
    if ((run != null && Files.isRegularFile(run)) || !RegularFile.isThere(folder)) {
      return found;
    }
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
      for (Path entry : entries) {
        OptionalLong step = StepName.step(entry.getFileName().toString());
        if (step.isPresent() && !Files.isRegularFile(entry)) {
          found.put(step.getAsLong(), entry);
        }
      }
    } catch (NotDirectoryException e) {
      LOG.debug("{} is no folder", folder, e);
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return found;
  }

  /** Finds the newest checkpoint that is not damaged. */
  public Search newest() throws IOException {
    return newestBefore(Long.MAX_VALUE);
  }

  /** Finds the newest checkpoint of a step before {@code step} that is not damaged. */
  public Search newestBefore(long step) throws IOException {
    List<IOException> damaged = new ArrayList<>();
    for (Path candidate : list().headMap(step, false).descendingMap().values()) {
      Checkpoint checkpoint = open(candidate, damaged);
      if (checkpoint != null) {
        return new Search(checkpoint, damaged);
      }
    }
    return new Search(null, damaged);
  }

  /** What a search for a model came to. */
  public record ModelSearch(SavedModel found, List<IOException> damaged) {

    /**
     * Says what was found.
     *
     * @param found null if there is none that can be used
     * @param damaged why others, which would have been preferred, cannot be used: each once
     */
    public ModelSearch {
      damaged = List.copyOf(damaged);
    }

    /** Whether there is a model to use. */
    public boolean isFound() {
      return found != null;
    }
  }

  /**
   * Finds the model with the lowest validation loss, as the newest checkpoint remembers it. If it
   * is damaged or was not kept, or nothing was evaluated yet, the newest that is not damaged.
   */
  public ModelSearch best() throws IOException {
    return best(candidate -> SavedModel.open(candidate, kinds, progress));
  }

  /** As {@link #best}, but of the one that is found weights are still being verified. */
  public ModelSearch bestByName() throws IOException {
    return best(candidate -> SavedModel.begin(candidate, kinds));
  }

  /** Opens a model. */
  private interface Opening {
    SavedModel of(Path candidate) throws IOException;
  }

  private ModelSearch best(Opening opening) throws IOException {
    NavigableMap<Long, Path> all = list();
    // By folder, because one that does not tell which is the best may be tried as a model too.
    Map<Path, IOException> damaged = new LinkedHashMap<>();
    Set<Path> candidates = new LinkedHashSet<>();
    Path best = bestOf(all, damaged);
    if (best != null) {
      candidates.add(best);
    }
    candidates.addAll(all.descendingMap().values());
    for (Path candidate : candidates) {
      try {
        SavedModel found = opening.of(candidate);
        damaged.remove(candidate);
        return new ModelSearch(found, List.copyOf(damaged.values()));
      } catch (IOException e) {
        LOG.debug("the model of {} cannot be used", candidate, e);
        damaged.put(candidate, e);
      }
    }
    return new ModelSearch(null, List.copyOf(damaged.values()));
  }

  private static Path bestOf(NavigableMap<Long, Path> all, Map<Path, IOException> damaged) {
    for (Path candidate : all.descendingMap().values()) {
      try {
        TrainingState state = SavedModel.stateOf(candidate);
        SavedModel.requireStepOfName(candidate, state);
        return state.best() == null ? null : all.get(state.best().step());
      } catch (IOException e) {
        LOG.debug("{} does not tell which is the best", candidate, e);
        damaged.put(candidate, e);
      }
    }
    return null;
  }

  private Checkpoint open(Path candidate, List<IOException> damaged) {
    try {
      Checkpoint checkpoint = Checkpoint.open(candidate, kinds, progress);
      SavedModel.requireStepOfName(candidate, checkpoint.state());
      return checkpoint;
    } catch (IOException e) {
      LOG.debug("checkpoint {} cannot be used", candidate, e);
      damaged.add(e);
      return null;
    }
  }
}
