package dev.lanewise.trainer.run.checkpoint;

import dev.lanewise.engine.registry.Registry;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.model.Transformer;
import dev.lanewise.model.family.AdapterFolder;
import dev.lanewise.model.family.ModelDescription;
import dev.lanewise.model.family.ModelFolder;
import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.model.io.TensorsOnBases;
import dev.lanewise.model.layer.CrossEntropyLoss;
import dev.lanewise.trainer.optim.OptimizerState;
import dev.lanewise.trainer.progress.Progress;
import dev.lanewise.trainer.text.TokenizerFolder;
import dev.lanewise.trainer.text.TokenizerKind;
import dev.lanewise.trainer.text.TokenizerKinds;
import dev.lanewise.trainer.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;

/**
 * A checkpoint folder whose files have been found to be as they were written, and to belong
 * together. Numbers are read on demand.
 */
public final class Checkpoint {

  private final Path folder;
  private final Path optimizer;
  private final TrainingState state;
  private final Tokenizer tokenizer;
  private final ModelDescription description;
  private final TableBases bases;

  private Checkpoint(
      Path folder,
      Path optimizer,
      TrainingState state,
      Tokenizer tokenizer,
      ModelDescription description,
      TableBases bases) {
    this.folder = folder;
    this.optimizer = optimizer;
    this.state = state;
    this.tokenizer = tokenizer;
    this.description = description;
    this.bases = bases;
  }

  /**
   * Opens a checkpoint and verifies all of its files.
   *
   * @throws InvalidFileException that names the file and field that is wrong
   * @throws IOException if a file cannot be read, or its content is refused by its own reader
   */
  public static Checkpoint open(Path folder) throws IOException {
    return open(folder, TokenizerKinds.STANDARD, Progress.SILENT);
  }

  /** As {@link #open(Path)}, which takes as long as it takes to read all of it. */
  static Checkpoint open(Path folder, Registry<TokenizerKind> kinds, Progress progress)
      throws IOException {
    Manifest manifest = Manifest.read(folder);
    String optimizer = TensorFiles.optimizer(manifest.files()::containsKey);
    boolean adapted = SavedModel.isAdapter(manifest);
    manifest.requireListed(folder, SavedModel.weights(adapted));
    manifest.requireListed(folder, List.of(ModelFolder.CONFIGURATION, optimizer, StateFile.NAME));
    Map<String, FileStamp> stamps = TableBases.stamps(folder, manifest);
    manifest.verifyAll(folder, progress);
    if (!adapted) {
      manifest.requireListed(folder, ModelFolder.weightFiles(folder));
    }
    manifest.requireListed(folder, TensorsOnBases.bases(folder.resolve(optimizer)));
    Path stateFile = folder.resolve(StateFile.NAME);
    TrainingState state = StateFile.read(stateFile);
    Tokenizer tokenizer = TokenizerFolder.load(folder, kinds);
    if (!tokenizer.fingerprint().equals(state.tokenizerFingerprint())) {
      throw new InvalidFileException(
          stateFile, "state.tokenizerFingerprint", "not that of the tokenizer beside it");
    }
    ModelDescription described = ModelFolder.readConfig(folder);
    if (adapted != state.settings().adapter().isUsed()) {
      throw new InvalidFileException(
          stateFile,
          "state.settings",
          adapted ? "of no adapter, which is beside it" : "of an adapter, which is not beside it");
    }
    boolean isNew = state.settings().model().isNew();
    if (isNew) {
      requireKnown(stateFile, state, kinds);
    }
    if (isNew && !described.equals(derive(stateFile, state, tokenizer))) {
      throw new InvalidFileException(
          stateFile,
          "state.settings",
          "not the model that " + ModelFolder.CONFIGURATION + " describes");
    }
    TableBases bases = TableBases.read(folder, manifest, stamps, state.step());
    return new Checkpoint(folder, folder.resolve(optimizer), state, tokenizer, described, bases);
  }

  private static void requireKnown(Path file, TrainingState state, Registry<TokenizerKind> kinds)
      throws InvalidFileException {
    String name = state.settings().text().tokenizer();
    if (kinds.find(name).isEmpty()) {
      throw new InvalidFileException(
          file,
          "state.settings.tokenizer",
          "%s is no tokenizer that this Lanewise has; there are %s"
              .formatted(InvalidFileException.quote(name), kinds.names()));
    }
  }

  /** The model of the settings, but for its loss, of which config.json says nothing. */
  private static ModelDescription derive(Path file, TrainingState state, Tokenizer tokenizer)
      throws InvalidFileException {
    try {
      ModelDescription made = state.settings().model().description(tokenizer.vocabularySize());
      return new ModelDescription(
          made.family(), made.config().withLoss(CrossEntropyLoss.Choice.EXACT));
    } catch (IllegalArgumentException e) {
      throw new InvalidFileException(file, "state.settings", e.getMessage(), e);
    }
  }

  /** Returns the folder. */
  public Path folder() {
    return folder;
  }

  /** Returns the state of the training. */
  public TrainingState state() {
    return state;
  }

  /** Returns the tokenizer. */
  public Tokenizer tokenizer() {
    return tokenizer;
  }

  /** Returns what the model is made of. */
  public ModelDescription description() {
    return description;
  }

  /** Returns what a later checkpoint of the same run can link. */
  TableBases bases() {
    return bases;
  }

  /** Returns whether it holds what is added to a model, and not the model itself. */
  public boolean isAdapter() {
    return AdapterFolder.isAt(folder);
  }

  /**
   * Reads the weights of a checkpoint that holds them.
   *
   * @param transformer the model of {@link #description}
   * @throws IOException that names the file and tensor that is wrong
   */
  public ParameterStore readWeights(Transformer transformer) throws IOException {
    return readWeights(transformer, bytes -> {});
  }

  /**
   * As {@link #readWeights(Transformer)}.
   *
   * @param read is told the bytes of each parameter
   */
  public ParameterStore readWeights(Transformer transformer, LongConsumer read) throws IOException {
    return ModelFolder.readWeights(folder, description, transformer, note -> {}, read);
  }

  /**
   * Reads what the optimizer remembers.
   *
   * @throws IOException that names the file and tensor that is wrong; the stores may have been
   *     changed in part
   */
  public void readState(List<OptimizerState> states) throws IOException {
    readState(states, bytes -> {});
  }

  /**
   * As {@link #readState(List)}.
   *
   * @param read is told the bytes of each tensor
   */
  public void readState(List<OptimizerState> states, LongConsumer read) throws IOException {
    TensorFiles.readState(optimizer, description.family(), states, read);
  }

  /** Makes the exception that names the file of what the optimizer remembers. */
  public IOException badState(IllegalArgumentException problem) {
    return new InvalidFileException(optimizer, "", problem.getMessage(), problem);
  }
}
