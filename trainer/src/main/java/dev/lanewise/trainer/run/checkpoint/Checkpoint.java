package dev.lanewise.trainer.run.checkpoint;

import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.model.Gpt;
import dev.lanewise.model.GptConfig;
import dev.lanewise.model.io.Gpt2Format;
import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.trainer.text.TokenizerFolder;
import dev.lanewise.trainer.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A checkpoint folder whose files have been found to be as they were written, and to belong
 * together. Numbers are read on demand.
 */
public final class Checkpoint {

  private final Path folder;
  private final TrainingState state;
  private final Tokenizer tokenizer;
  private final GptConfig gptConfig;

  private Checkpoint(Path folder, TrainingState state, Tokenizer tokenizer, GptConfig gptConfig) {
    this.folder = folder;
    this.state = state;
    this.tokenizer = tokenizer;
    this.gptConfig = gptConfig;
  }

  /** Whether a folder claims to be a checkpoint: it has a manifest. */
  public static boolean isAt(Path folder) {
    return Files.exists(folder.resolve(Manifest.NAME));
  }

  /**
   * Opens a checkpoint and verifies all of its files.
   *
   * @throws InvalidFileException that names the file and field that is wrong
   * @throws IOException if a file cannot be read, or its content is refused by its own reader
   */
  public static Checkpoint open(Path folder) throws IOException {
    Manifest manifest = Manifest.read(folder);
    manifest.requireListed(
        folder,
        List.of(
            Gpt2Format.WEIGHTS, Gpt2Format.CONFIGURATION, TensorFiles.OPTIMIZER, StateFile.NAME));
    manifest.verifyAll(folder);
    Path stateFile = folder.resolve(StateFile.NAME);
    TrainingState state = StateFile.read(stateFile);
    Tokenizer tokenizer = TokenizerFolder.load(folder);
    if (!tokenizer.fingerprint().equals(state.tokenizerFingerprint())) {
      throw new InvalidFileException(
          stateFile, "state.tokenizerFingerprint", "not that of the tokenizer beside it");
    }
    GptConfig described = Gpt2Format.readConfig(folder);
    if (!described.equals(derive(stateFile, state, tokenizer))) {
      throw new InvalidFileException(
          stateFile,
          "state.settings",
          "not the model that " + Gpt2Format.CONFIGURATION + " describes");
    }
    return new Checkpoint(folder, state, tokenizer, described);
  }

  private static GptConfig derive(Path file, TrainingState state, Tokenizer tokenizer)
      throws InvalidFileException {
    try {
      return state.settings().model().gptConfig(tokenizer.vocabularySize());
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

  /** Returns the shape of the model. */
  public GptConfig gptConfig() {
    return gptConfig;
  }

  /**
   * Reads the weights.
   *
   * @param gpt the model of {@link #gptConfig}
   * @throws IOException that names the file and tensor that is wrong
   */
  public ParameterStore readWeights(Gpt gpt) throws IOException {
    return Gpt2Format.readWeights(folder, gpt);
  }

  /**
   * Reads both moments of the optimizer.
   *
   * @throws IOException that names the file and tensor that is wrong; the stores may have been
   *     changed in part
   */
  public void readMoments(ParameterStore firstMoment, ParameterStore secondMoment)
      throws IOException {
    TensorFiles.readMoments(folder, firstMoment, secondMoment);
  }
}
