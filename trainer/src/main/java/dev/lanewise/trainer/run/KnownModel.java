package dev.lanewise.trainer.run;

import dev.lanewise.engine.registry.Registry;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.kernels.Precision;
import dev.lanewise.model.Transformer;
import dev.lanewise.model.TransformerConfig;
import dev.lanewise.model.family.HeldWeights;
import dev.lanewise.model.family.ModelDescription;
import dev.lanewise.model.family.ModelFiles;
import dev.lanewise.model.family.ModelFolder;
import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.trainer.progress.Phase;
import dev.lanewise.trainer.progress.Progress;
import dev.lanewise.trainer.progress.Tally;
import dev.lanewise.trainer.run.checkpoint.Checkpoint;
import dev.lanewise.trainer.text.TokenizerFolder;
import dev.lanewise.trainer.text.TokenizerKind;
import dev.lanewise.trainer.text.TokenizerKinds;
import dev.lanewise.trainer.text.tokenizer.BoundedTokenizer;
import dev.lanewise.trainer.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A model in a folder, of which all is known but the weights.
 *
 * @param folder the files are in
 * @param origin says for people which folder was taken, and why
 * @param files what the folder says of the model
 * @param tokenizer has at most as many ids as the model
 */
public record KnownModel(Path folder, String origin, ModelFiles files, Tokenizer tokenizer) {

  private static final Logger LOG = LoggerFactory.getLogger(KnownModel.class);

  /**
   * Finds a model.
   *
   * @param folder a checkpoint, any other folder with a model in Hugging Face's form, or a run
   *     folder, of which the best checkpoint is taken, or else the newest
   * @param progress of comparing what a checkpoint holds with its SHA-256
   * @throws IOException that names the file and what is wrong with it, or says what was looked for
   */
  public static KnownModel in(Path folder, Progress progress) throws IOException {
    return in(folder, TokenizerKinds.STANDARD, progress);
  }

  /** As {@link #in(Path, Progress)}, with a tokenizer of one of these kinds. */
  public static KnownModel in(Path folder, Registry<TokenizerKind> kinds, Progress progress)
      throws IOException {
    FoundModel found = FoundModel.find(folder, kinds, progress);
    ModelFiles files = ModelFiles.read(found.path());
    Tokenizer tokenizer =
        found.checkpoint() == null
            ? TokenizerFolder.load(found.path(), kinds)
            : found.checkpoint().tokenizer();
    return new KnownModel(
        found.path(), found.origin(), files, fitting(tokenizer, files, found.path()));
  }

  /** The model of a checkpoint. */
  static KnownModel of(Checkpoint checkpoint) throws IOException {
    Path folder = checkpoint.folder();
    ModelFiles files = ModelFiles.read(folder);
    return new KnownModel(
        folder,
        "the checkpoint in " + folder,
        files,
        fitting(checkpoint.tokenizer(), files, folder));
  }

  private static Tokenizer fitting(Tokenizer tokenizer, ModelFiles files, Path folder)
      throws InvalidFileException {
    try {
      Tokenizer fitting =
          BoundedTokenizer.of(tokenizer, files.description().config().vocabularySize());
      if (fitting instanceof BoundedTokenizer bounded) {
        LOG.warn("{}: {}", folder, bounded.describe());
      }
      return fitting;
    } catch (IllegalArgumentException e) {
      throw new InvalidFileException(
          folder.resolve(ModelFolder.CONFIGURATION), "vocab_size", e.getMessage(), e);
    }
  }

  /** Returns what the model is made of. */
  public ModelDescription description() {
    return files.description();
  }

  /**
   * Returns what the model is made of, to train it.
   *
   * @throws IllegalArgumentException if it does not see so many positions
   */
  public TransformerConfig trainedOn(int context, double dropout) {
    TransformerConfig config = description().config();
    if (context > config.contextLength()) {
      throw new IllegalArgumentException(
          "--context %d: the model in %s sees %d tokens; take at most that many"
              .formatted(context, folder, config.contextLength()));
    }
    return config.withDropout((float) dropout);
  }

  /**
   * Reads the weights.
   *
   * @param transformer made of the choices of the model
   * @param notes is told of tensors that were passed over or rounded
   * @param progress of that
   * @throws IOException that names the file and tensor that is wrong
   */
  public ParameterStore readWeights(
      Transformer transformer, Consumer<String> notes, Progress progress) throws IOException {
    return readWeights(folder, description(), transformer, notes, progress);
  }

  /**
   * Reads the weights for inference, each of them once.
   *
   * @param storage gives the precision in which a matrix is held, of the least one that has the
   *     file's numbers
   * @param notes is told of tensors that were passed over or rounded
   * @param progress of that
   * @throws IOException that names the file and tensor that is wrong
   */
  HeldWeights readHeldWeights(
      Transformer transformer,
      UnaryOperator<Precision> storage,
      Consumer<String> notes,
      Progress progress)
      throws IOException {
    Tally tally = progress.begin(Phase.LOADING, (long) Float.BYTES * transformer.layout().size());
    HeldWeights weights =
        ModelFolder.readHeldWeights(
            folder, description(), transformer, false, storage, notes, tally);
    tally.end();
    return weights;
  }

  /** Returns the least precision that has the numbers of all tensors in the files. */
  public Precision filePrecision() throws IOException {
    return ModelFolder.precision(folder);
  }

  /** As the other, of a model of which no more is known. */
  public static ParameterStore readWeights(
      Path folder,
      ModelDescription model,
      Transformer transformer,
      Consumer<String> notes,
      Progress progress)
      throws IOException {
    Tally tally = progress.begin(Phase.LOADING, (long) Float.BYTES * transformer.layout().size());
    ParameterStore weights = ModelFolder.readWeights(folder, model, transformer, notes, tally);
    tally.end();
    return weights;
  }
}
