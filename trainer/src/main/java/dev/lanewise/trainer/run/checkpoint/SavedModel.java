package dev.lanewise.trainer.run.checkpoint;

import dev.lanewise.engine.registry.Registry;
import dev.lanewise.model.family.AdapterFolder;
import dev.lanewise.model.family.ModelDescription;
import dev.lanewise.model.family.ModelFolder;
import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.trainer.progress.Progress;
import dev.lanewise.trainer.text.TokenizerFolder;
import dev.lanewise.trainer.text.TokenizerKind;
import dev.lanewise.trainer.text.tokenizer.Tokenizer;
import dev.lanewise.trainer.text.tokenizer.TokenizerJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * The model of a checkpoint, for generation and evaluation. What only training needs is not read,
 * so it may be missing; what is read has been found to be as it was written. {@link Checkpoint} is
 * stricter.
 *
 * @param state null if it cannot be read
 * @param notes what a user should know of files that are missing or were changed
 * @param weights whether those are as they were written
 */
public record SavedModel(
    Path folder,
    TrainingState state,
    Tokenizer tokenizer,
    ModelDescription description,
    List<String> notes,
    BackgroundCheck weights) {

  /** What generation and evaluation read besides weights, as far as a checkpoint has it. */
  private static final List<String> NEEDED =
      List.of(
          ModelFolder.CONFIGURATION,
          TokenizerJson.FILE,
          TokenizerJson.VOCABULARY_FILE,
          TokenizerJson.MERGES_FILE,
          AdapterFolder.CONFIGURATION);

  private static final List<String> WEIGHTS = List.of(ModelFolder.WEIGHTS, AdapterFolder.WEIGHTS);

  /** Copies the notes. */
  public SavedModel {
    notes = List.copyOf(notes);
  }

  /** Whether a folder claims to be a checkpoint: it has a manifest. */
  public static boolean isAt(Path folder) {
    return Files.exists(folder.resolve(Manifest.NAME));
  }

  /**
   * Opens the model of a checkpoint and verifies its files.
   *
   * @param kinds that its tokenizer can be of
   * @throws InvalidFileException that names the file and field that is wrong
   * @throws IOException if a file cannot be read, or its content is refused by its own reader
   */
  public static SavedModel open(Path folder, Registry<TokenizerKind> kinds, Progress progress)
      throws IOException {
    SavedModel model = begin(folder, kinds);
    model.weights.require(progress);
    return model;
  }

  /**
   * As {@link #open}, but the weights are still being verified: who reads them requires that they
   * are sound before anything comes of them.
   */
  public static SavedModel begin(Path folder, Registry<TokenizerKind> kinds) throws IOException {
    Manifest manifest = Manifest.read(folder);
    manifest.requireListed(folder, List.of(ModelFolder.CONFIGURATION));
    manifest.requireListed(folder, weights(isAdapter(manifest)));
    for (String name : listed(manifest, NEEDED)) {
      manifest.verify(folder, name, bytes -> {});
    }
    BackgroundCheck weights = BackgroundCheck.begin(manifest, folder, weightFiles(manifest));
    try {
      List<String> notes = notes(manifest, folder);
      return new SavedModel(
          folder,
          readState(manifest, folder, notes),
          TokenizerFolder.loadWritten(folder, kinds),
          ModelFolder.readConfig(folder),
          notes,
          weights);
    } catch (IOException | RuntimeException | Error e) {
      weights.cancel();
      throw e;
    }
  }

  private static List<String> weightFiles(Manifest manifest) {
    return manifest.files().keySet().stream()
        .filter(name -> WEIGHTS.contains(name) || TableBases.isWeights(name))
        .toList();
  }

  private static List<String> listed(Manifest manifest, List<String> names) {
    return names.stream().filter(manifest.files()::containsKey).toList();
  }

  private static List<String> notes(Manifest manifest, Path folder) throws IOException {
    List<String> notes = new ArrayList<>();
    // Other programs rewrite it, and people edit it: it says which token ends a text.
    if (isChanged(manifest, folder, TokenizerJson.CONFIGURATION_FILE)) {
      notes.add(
          folder.resolve(TokenizerJson.CONFIGURATION_FILE)
              + " is not as Lanewise wrote it; it is taken as it is");
    }
    List<String> remembered =
        new ArrayList<>(List.of(TensorFiles.optimizer(name -> Files.exists(folder.resolve(name)))));
    manifest.files().keySet().stream().filter(TableBases::isState).forEach(remembered::add);
    for (String name : remembered) {
      Path file = folder.resolve(name);
      if (!Files.exists(file)) {
        notes.add(file + " is missing: the model can be used, but no training can resume from it");
        break;
      }
    }
    return notes;
  }

  /** Whether a checkpoint holds what is added to a model, and not the model itself. */
  static boolean isAdapter(Manifest manifest) {
    return manifest.files().containsKey(AdapterFolder.CONFIGURATION);
  }

  /** The files of numbers, and of what these are, that a checkpoint has to have. */
  static List<String> weights(boolean adapter) {
    return adapter
        ? List.of(AdapterFolder.CONFIGURATION, AdapterFolder.WEIGHTS)
        : List.of(ModelFolder.WEIGHTS);
  }

  private static boolean isChanged(Manifest manifest, Path folder, String name) throws IOException {
    if (!manifest.files().containsKey(name)) {
      return false;
    }
    try {
      manifest.verify(folder, name, bytes -> {});
      return false;
    } catch (InvalidFileException e) {
      return true;
    }
  }

  private static TrainingState readState(Manifest manifest, Path folder, List<String> notes) {
    try {
      TrainingState state = stateOf(manifest, folder);
      requireStepOfName(folder, state);
      return state;
    } catch (IOException e) {
      notes.add(e.getMessage() + "; the model can be used, but no training can resume from it");
      return null;
    }
  }

  /** Reads the state of a checkpoint and nothing else. */
  static TrainingState stateOf(Path folder) throws IOException {
    return stateOf(Manifest.read(folder), folder);
  }

  private static TrainingState stateOf(Manifest manifest, Path folder) throws IOException {
    manifest.verify(folder, StateFile.NAME, bytes -> {});
    return StateFile.read(folder.resolve(StateFile.NAME));
  }

  /** Requires that a folder which is named after a step has the state of that step. */
  static void requireStepOfName(Path folder, TrainingState state) throws InvalidFileException {
    Path name = folder.getFileName();
    OptionalLong step = name == null ? OptionalLong.empty() : StepName.step(name.toString());
    if (step.isPresent() && step.getAsLong() != state.step()) {
      throw new InvalidFileException(
          folder.resolve(StateFile.NAME),
          "state.step",
          state.step() + " is not the step in the name of the folder");
    }
  }

  /** Returns what the checkpoint is of, for people. */
  public String describe() {
    return state == null ? "checkpoint" : "checkpoint of step " + state.step();
  }
}
