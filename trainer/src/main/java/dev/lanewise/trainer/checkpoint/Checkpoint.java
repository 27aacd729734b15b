package dev.lanewise.trainer.checkpoint;

import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.model.GptConfig;
import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.trainer.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A checkpoint folder whose files have been found to be as they were written, and to belong
 * together. Numbers are read on demand.
 */
public final class Checkpoint {

  private final Path folder;
  private final TrainingState state;
  private final Tokenizer tokenizer;
  private final GptConfig gptConfig;

  private Checkpoint(
      Path folder, TrainingState state, Tokenizer tokenizer, GptConfig gptConfig) {
    this.folder = folder;
    this.state = state;
    this.tokenizer = tokenizer;
    this.gptConfig = gptConfig;
  }

  /**
   * Opens a checkpoint and verifies all of its files.
   *
   * @throws InvalidFileException that names the file and field that is wrong
   * @throws IOException if a file cannot be read, or its content is refused by its own reader
   */
  public static Checkpoint open(Path folder) throws IOException {
    Manifest manifest = Manifest.read(folder);
    for (String required :
        new String[] {
          TensorFiles.MODEL, TensorFiles.CONFIG, TensorFiles.OPTIMIZER, StateFile.NAME
        }) {
      manifest.verify(folder, required);
    }
    manifest.verifyAll(folder);
    Path stateFile = folder.resolve(StateFile.NAME);
    TrainingState state = StateFile.read(stateFile);
    Tokenizer tokenizer = Tokenizer.load(folder);
    if (!tokenizer.fingerprint().equals(state.tokenizerFingerprint())) {
      throw new InvalidFileException(
          stateFile, "state.tokenizerFingerprint", "not that of the tokenizer beside it");
    }
    GptConfig described = TensorFiles.readConfig(folder);
    if (!described.equals(derive(stateFile, state, tokenizer))) {
      throw new InvalidFileException(
          stateFile, "state.config", "not the model that " + TensorFiles.CONFIG + " describes");
    }
    return new Checkpoint(folder, state, tokenizer, described);
  }

  private static GptConfig derive(Path file, TrainingState state, Tokenizer tokenizer)
      throws InvalidFileException {
    try {
      return state.config().gptConfig(tokenizer.vocabularySize());
    } catch (IllegalArgumentException e) {
      throw new InvalidFileException(file, "state.config", e.getMessage(), e);
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

  /** Returns the shape of the model. */
  public GptConfig gptConfig() {
    return gptConfig;
  }

  /**
   * Reads the weights.
   *
   * @param weights in the layout of the {@link dev.lanewise.model.Gpt} of {@link #gptConfig}
   * @throws IOException that names the file and tensor that is wrong; {@code weights} may have been
   *     changed in part
   */
  public void readWeights(ParameterStore weights) throws IOException {
    TensorFiles.readWeights(folder, weights);
  }

  /**
   * Reads both moments of the optimizer.
   *
   * @throws IOException as {@link #readWeights}
   */
  public void readMoments(ParameterStore firstMoment, ParameterStore secondMoment)
      throws IOException {
    TensorFiles.readMoments(folder, firstMoment, secondMoment);
  }
}
