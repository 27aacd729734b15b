package dev.lanewise.trainer.run;

import dev.lanewise.engine.registry.Registry;
import dev.lanewise.model.family.AdapterFolder;
import dev.lanewise.model.family.ModelFolder;
import dev.lanewise.model.io.FileProblem;
import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.trainer.progress.LateLogger;
import dev.lanewise.trainer.progress.Progress;
import dev.lanewise.trainer.run.checkpoint.CheckpointCatalog;
import dev.lanewise.trainer.run.checkpoint.SavedModel;
import dev.lanewise.trainer.text.TokenizerKind;
import dev.lanewise.trainer.text.TokenizerKinds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;

/**
 * Finds the model that a user means by a folder.
 *
 * @param path where its files are
 * @param origin for people
 * @param checkpoint what was verified; null if it is not a checkpoint of ours
 */
public record FoundModel(Path path, String origin, SavedModel checkpoint) {

  private static final LateLogger LOG = new LateLogger(FoundModel.class);

  /**
   * Finds the model, and warns of what was passed over.
   *
   * @param progress of comparing what a checkpoint holds with its SHA-256
   * @throws IOException that says what was looked for, or what is wrong with what was found
   */
  public static FoundModel find(Path folder, Progress progress) throws IOException {
    return find(folder, TokenizerKinds.STANDARD, progress);
  }

  /** As {@link #find(Path, Progress)}, with a tokenizer of one of these kinds. */
  static FoundModel find(Path folder, Registry<TokenizerKind> kinds, Progress progress)
      throws IOException {
    return find(folder, kinds, progress, false);
  }

  /**
   * As the other.
   *
   * @param early whether the weights of a checkpoint may still be verified after it
   */
  static FoundModel find(
      Path folder, Registry<TokenizerKind> kinds, Progress progress, boolean early)
      throws IOException {
    if (SavedModel.isAt(folder)) {
      return of(
          "the ",
          early ? SavedModel.begin(folder, kinds) : SavedModel.open(folder, kinds, progress));
    }
    CheckpointCatalog catalog = new CheckpointCatalog(folder).reading(kinds).telling(progress);
    boolean isRun = !catalog.list().isEmpty();
    // Without weights too: what is missing then is said by the reader of weights.
    if (ModelFolder.hasWeights(folder)
        || (!isRun
            && !AdapterFolder.isAt(folder)
            && Files.exists(folder.resolve(ModelFolder.CONFIGURATION)))) {
      return new FoundModel(folder, "the model in " + folder, null);
    }
    if (AdapterFolder.isAt(folder)) {
      return new FoundModel(folder, "the adapter in " + folder, null);
    }
    if (!isRun) {
      throw new InvalidFileException(folder, "", nothingAt(folder));
    }
    CheckpointCatalog.ModelSearch search = early ? catalog.bestByName() : catalog.best();
    SavedModel found = search.found();
    if (found == null) {
      String reasons =
          search.damaged().stream()
              .map(problem -> System.lineSeparator() + "  " + FileProblem.explain(problem))
              .collect(Collectors.joining());
      throw new InvalidFileException(
          catalog.folder(), "", "none of its checkpoints can be used:" + reasons);
    }
    for (IOException problem : search.damaged()) {
      LOG.warn("a checkpoint cannot be used and is passed over: {}", FileProblem.explain(problem));
    }
    if (!search.damaged().isEmpty()) {
      LOG.warn("another one is taken: {}", found.folder());
      // Which is the best, only the newest knew, and whether this is the newest, nobody knows.
      return of("the ", found);
    }
    boolean best = found.state() != null && found.state().isBest();
    return of(best ? "the best " : "the newest ", found);
  }

  private static String nothingAt(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return "there is no such folder; give the folder of a run or of a model";
    }
    Path parent = folder.toAbsolutePath().normalize().getParent();
    if (folder.toString().endsWith(".gguf")) {
      return "a GGUF file, which is written (export --to gguf) but not read; give the model's"
          + " folder as Hugging Face has it";
    }
    if (!Files.isDirectory(folder)) {
      return "not a folder; give the folder of a run or of a model"
          + (ModelFolder.hasWeights(parent) ? ", such as " + parent : "");
    }
    CheckpointCatalog around = parent == null ? null : new CheckpointCatalog(parent);
    if (around != null && folder.endsWith(CheckpointCatalog.FOLDER) && !around.list().isEmpty()) {
      return "the checkpoints of a run; give the run, %s, or one of them, such as %s"
          .formatted(parent, around.list().lastEntry().getValue());
    }
    return "neither a model (there is no %s) nor a run with checkpoints (there is no %s/step-...)"
        .formatted(ModelFolder.WEIGHTS, CheckpointCatalog.FOLDER);
  }

  private static FoundModel of(String kind, SavedModel saved) {
    saved.notes().forEach(note -> LOG.warn("{}", note));
    return new FoundModel(
        saved.folder(), "%s%s in %s".formatted(kind, saved.describe(), saved.folder()), saved);
  }
}
