package dev.lanewise.trainer.run;

import dev.lanewise.model.family.ModelFolder;
import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.trainer.run.checkpoint.Checkpoint;
import dev.lanewise.trainer.run.checkpoint.CheckpointCatalog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the model that a user means by a folder.
 *
 * @param path where its files are
 * @param origin for people
 * @param checkpoint what was verified; null if it is not a checkpoint of ours
 */
public record FoundModel(Path path, String origin, Checkpoint checkpoint) {

  private static final Logger LOG = LoggerFactory.getLogger(FoundModel.class);

  /**
   * Finds the model.
   *
   * @throws IOException that says what was looked for, or what is wrong with what was found
   */
  public static FoundModel find(Path folder) throws IOException {
    if (Checkpoint.isAt(folder)) {
      return of("the checkpoint", Checkpoint.open(folder));
    }
    if (ModelFolder.hasWeights(folder)) {
      return new FoundModel(folder, "the model in " + folder, null);
    }
    CheckpointCatalog catalog = new CheckpointCatalog(folder);
    if (catalog.list().isEmpty()) {
      throw new InvalidFileException(
          folder,
          "",
          Files.isDirectory(folder)
              ? "neither a model (there is no %s) nor a run with checkpoints (there is no %s/step-...)"
                  .formatted(ModelFolder.WEIGHTS, CheckpointCatalog.FOLDER)
              : "there is no such folder; give the folder of a run or of a model");
    }
    CheckpointCatalog.Search search = catalog.best();
    Checkpoint found = search.found();
    if (found == null) {
      InvalidFileException none =
          new InvalidFileException(catalog.folder(), "", "none of its checkpoints can be used");
      search.damaged().forEach(none::addSuppressed);
      throw none;
    }
    for (IOException problem : search.damaged()) {
      LOG.warn("a checkpoint is damaged and is passed over: {}", problem.getMessage());
    }
    return of(found.state().isBest() ? "the best checkpoint" : "the newest checkpoint", found);
  }

  private static FoundModel of(String kind, Checkpoint checkpoint) {
    return new FoundModel(
        checkpoint.folder(),
        "%s of step %d in %s".formatted(kind, checkpoint.state().step(), checkpoint.folder()),
        checkpoint);
  }
}
