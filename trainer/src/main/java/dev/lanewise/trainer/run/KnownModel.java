package dev.lanewise.trainer.run;

import dev.lanewise.engine.registry.Registry;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.kernels.Precision;
import dev.lanewise.model.Transformer;
import dev.lanewise.model.TransformerConfig;
import dev.lanewise.model.family.AdapterConfig;
import dev.lanewise.model.family.AdapterFolder;
import dev.lanewise.model.family.HeldWeights;
import dev.lanewise.model.family.ModelDescription;
import dev.lanewise.model.family.ModelFiles;
import dev.lanewise.model.family.ModelFolder;
import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.model.memory.Adaptation;
import dev.lanewise.trainer.progress.LateLogger;
import dev.lanewise.trainer.progress.Phase;
import dev.lanewise.trainer.progress.Progress;
import dev.lanewise.trainer.progress.Tally;
import dev.lanewise.trainer.run.checkpoint.BackgroundCheck;
import dev.lanewise.trainer.run.checkpoint.Checkpoint;
import dev.lanewise.trainer.run.checkpoint.SavedAdapter;
import dev.lanewise.trainer.settings.AdapterSettings;
import dev.lanewise.trainer.settings.ModelSettings;
import dev.lanewise.trainer.text.TokenizerFolder;
import dev.lanewise.trainer.text.TokenizerKind;
import dev.lanewise.trainer.text.TokenizerKinds;
import dev.lanewise.trainer.text.tokenizer.BoundedTokenizer;
import dev.lanewise.trainer.text.tokenizer.Tokenizer;
import dev.lanewise.trainer.text.tokenizer.TokenizerJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * A model in a folder, of which all is known but the weights.
 *
 * @param folder the files are in; of an adapter without a tokenizer, those of its base
 * @param origin says for people which folder was taken, and why
 * @param files what the folder says of the model
 * @param tokenizer has at most as many ids as the model
 * @param adapter what is added to it, see {@link SavedAdapter}; null for nothing
 * @param check that the weights still have to pass, see {@link #checkedWhileRead}; null for none
 */
public record KnownModel(
    Path folder,
    String origin,
    ModelFiles files,
    Tokenizer tokenizer,
    SavedAdapter adapter,
    BackgroundCheck check) {

  private static final LateLogger LOG = new LateLogger(KnownModel.class);

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
    return in(folder, null, kinds, progress, false);
  }

  /**
   * As {@link #in(Path, Progress)}.
   *
   * @param base the model that an adapter in the folder belongs to; null for the one that it names
   */
  public static KnownModel in(Path folder, Path base, Progress progress) throws IOException {
    return in(folder, base, TokenizerKinds.STANDARD, progress, false);
  }

  /**
   * As {@link #in(Path, Path, Progress)}, sooner: the weights of a checkpoint are compared with
   * their SHA-256 while they are read, and reading them ends with that. If it fails, {@link
   * #in(Path, Path, Progress)} may still find another checkpoint of the run.
   */
  public static KnownModel checkedWhileRead(Path folder, Path base, Progress progress)
      throws IOException {
    return in(folder, base, TokenizerKinds.STANDARD, progress, true);
  }

  /** Returns whether the weights were found, while they were read, not to be as written. */
  public boolean isDamaged() {
    return check != null && check.hasFailed();
  }

  private static KnownModel in(
      Path folder, Path base, Registry<TokenizerKind> kinds, Progress progress, boolean early)
      throws IOException {
    FoundModel found = FoundModel.find(folder, kinds, progress, early);
    if (AdapterFolder.isAt(found.path())) {
      // It is small, and its base is another matter: nothing is gained by checking it late.
      return early
          ? in(folder, base, kinds, progress, false)
          : adapted(found, base, kinds, progress);
    }
    if (base != null) {
      throw new InvalidFileException(
          found.path(), "", "no adapter, so it has no base; leave out --base");
    }
    return of(found, kinds, early);
  }

  /**
   * Finds a model to begin with, which is whole.
   *
   * @throws InvalidFileException that says what to do with an adapter, wherever its base is
   */
  public static KnownModel wholeIn(Path folder, Registry<TokenizerKind> kinds, Progress progress)
      throws IOException {
    FoundModel found = FoundModel.find(folder, kinds, progress);
    if (AdapterFolder.isAt(found.path())) {
      throw new InvalidFileException(
          found.path(),
          "",
          "an adapter, and --from takes a whole model; go on with the adapter by --adapter, or make"
              + " a model of it first with export --to hf --merge");
    }
    return of(found, kinds, false);
  }

  private static KnownModel of(FoundModel found, Registry<TokenizerKind> kinds, boolean early)
      throws IOException {
    ModelFiles files = ModelFiles.read(found.path());
    Tokenizer tokenizer =
        found.checkpoint() == null
            ? TokenizerFolder.load(found.path(), kinds)
            : found.checkpoint().tokenizer();
    BackgroundCheck check =
        early && found.checkpoint() != null ? found.checkpoint().weights() : null;
    return new KnownModel(
        found.path(), found.origin(), files, fitting(tokenizer, files, found.path()), null, check);
  }

  private static KnownModel adapted(
      FoundModel found, Path base, Registry<TokenizerKind> kinds, Progress progress)
      throws IOException {
    Path folder = found.path();
    Path model = baseOf(folder, base, SavedAdapter.NAME_BASE, kinds, progress);
    SavedAdapter adapter = SavedAdapter.open(folder, model, SavedAdapter.NAME_BASE, progress);
    ModelFiles files = ModelFiles.read(model);
    if (found.checkpoint() != null) {
      Tokenizer saved = found.checkpoint().tokenizer();
      return new KnownModel(
          folder, origin(found, model), files, fitting(saved, files, folder), adapter, null);
    }
    Path texts = Files.exists(folder.resolve(TokenizerJson.FILE)) ? folder : model;
    Tokenizer tokenizer = fitting(TokenizerFolder.load(texts, kinds), files, texts);
    return new KnownModel(texts, origin(found, model), files, tokenizer, adapter, null);
  }

  private static String origin(FoundModel adapter, Path base) {
    return "%s, on %s".formatted(adapter.origin(), base);
  }

  /**
   * Finds the model that an adapter belongs to.
   *
   * @param advice what to do if it is not where the adapter says
   */
  private static Path baseOf(
      Path folder, Path given, String advice, Registry<TokenizerKind> kinds, Progress progress)
      throws IOException {
    String named = AdapterFolder.base(folder);
    if (given == null && (named.isEmpty() || !isFolder(named))) {
      throw new InvalidFileException(
          folder.resolve(AdapterFolder.CONFIGURATION),
          "base_model_name_or_path",
          named.isEmpty()
              ? "missing; " + advice
              : "%s is no folder here; %s".formatted(InvalidFileException.quote(named), advice));
    }
    Path base = given == null ? Path.of(named) : given;
    String how =
        given == null
            ? "the adapter in %s names it as its base; %s".formatted(folder, advice)
            : "--base takes the model that the adapter in %s was trained on".formatted(folder);
    Path found = whole(base, how, kinds, progress).toAbsolutePath().normalize();
    if (AdapterFolder.isAt(found)) {
      throw new InvalidFileException(
          found, "", "an adapter itself, and adapters belong to whole models; " + how);
    }
    return found;
  }

  /** Finds a base, or says how it came to be looked for. */
  private static Path whole(Path base, String how, Registry<TokenizerKind> kinds, Progress progress)
      throws IOException {
    try {
      return FoundModel.find(base, kinds, progress).path();
    } catch (InvalidFileException e) {
      throw new InvalidFileException(Path.of(e.file()), e.field(), e.problem() + "; " + how, e);
    }
  }

  private static boolean isFolder(String name) {
    try {
      return Files.isDirectory(Path.of(name));
    } catch (InvalidPathException e) {
      return false;
    }
  }

  /** The model of a checkpoint. */
  static KnownModel of(Checkpoint checkpoint) throws IOException {
    Path folder = checkpoint.folder();
    ModelFiles files = ModelFiles.read(folder);
    SavedAdapter adapter = null;
    if (checkpoint.isAdapter()) {
      String advice = "a run goes on with the model that it began with, so put it back there";
      Path base = baseOf(folder, null, advice, TokenizerKinds.STANDARD, Progress.SILENT);
      adapter = SavedAdapter.open(folder, base, advice, Progress.SILENT);
    }
    return new KnownModel(
        folder,
        "the checkpoint in " + folder,
        files,
        fitting(checkpoint.tokenizer(), files, folder),
        adapter,
        null);
  }

  /**
   * Returns the model with an adapter that is to be trained: a new one, or one to go on from.
   *
   * @param settings that ask for one
   * @throws IOException that names what is wrong with the files of the one to go on from
   * @throws IllegalArgumentException if a target is none of the model's
   */
  public KnownModel adaptedBy(AdapterSettings settings, Progress progress) throws IOException {
    Path base = folder.toAbsolutePath().normalize();
    AdapterConfig config = settings.config(description(), base.toString());
    // Before anything is read.
    config.adaptation(description());
    SavedAdapter made =
        settings.adapter().isEmpty()
            ? SavedAdapter.of(config, base, progress)
            : SavedAdapter.open(
                FoundModel.find(Path.of(settings.adapter()), progress).path(),
                base,
                SavedAdapter.NAME_BASE,
                progress);
    return new KnownModel(
        folder,
        origin,
        files,
        tokenizer,
        new SavedAdapter(made.folder(), config, base, made.baseDigest()),
        check);
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
  public TransformerConfig trainedOn(ModelSettings settings) {
    TransformerConfig config = description().config();
    if (settings.context() > config.contextLength()) {
      throw new IllegalArgumentException(
          "--context %d: the model in %s sees %d tokens; take at most that many"
              .formatted(settings.context(), folder, config.contextLength()));
    }
    return settings.trained(config);
  }

  /** Returns what is added to the model. */
  public Adaptation adaptation() {
    return adapter == null ? Adaptation.NONE : adapter.adaptation(description());
  }

  /**
   * Reads the weights, and what is added to them; an adapter that begins here is left at zero.
   *
   * @param transformer made of the choices of the model and the {@link #adaptation}
   * @param notes is told of tensors that were passed over or rounded
   * @param progress of that
   * @throws IOException that names the file and tensor that is wrong
   */
  public ParameterStore readWeights(
      Transformer transformer, Consumer<String> notes, Progress progress) throws IOException {
    if (check != null) {
      check.require(progress);
    }
    ParameterStore weights =
        readWeights(weightsFolder(), description(), transformer, notes, progress);
    if (adapter != null && adapter.folder() != null) {
      adapter.readInto(description(), transformer, weights);
    }
    return weights;
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
    HeldWeights weights = readChecked(transformer, storage, notes, progress);
    if (adapter != null && adapter.folder() != null) {
      adapter.readInto(description(), transformer, weights.store());
    }
    weights.packStored();
    return weights;
  }

  /** What is wrong with a damaged file is not what its reader stumbles over. */
  private HeldWeights readChecked(
      Transformer transformer,
      UnaryOperator<Precision> storage,
      Consumer<String> notes,
      Progress progress)
      throws IOException {
    try {
      return readHeldWeights(transformer, false, storage, notes, progress);
    } finally {
      if (check != null) {
        check.require(progress);
      }
    }
  }

  /**
   * Reads the weights for training what is added to them, which is left at zero. Matrices, which do
   * not change, are in panels alone, in the precision of the file.
   *
   * @param notes is told of tensors that were passed over or rounded
   * @param progress of that
   * @throws IOException that names the file and tensor that is wrong
   */
  HeldWeights readFrozenWeights(Transformer transformer, Consumer<String> notes, Progress progress)
      throws IOException {
    return readHeldWeights(transformer, true, UnaryOperator.identity(), notes, progress);
  }

  private HeldWeights readHeldWeights(
      Transformer transformer,
      boolean training,
      UnaryOperator<Precision> storage,
      Consumer<String> notes,
      Progress progress)
      throws IOException {
    Tally tally = progress.begin(Phase.LOADING, (long) Float.BYTES * transformer.layout().size());
    HeldWeights weights =
        ModelFolder.readHeldWeights(
            weightsFolder(), description(), transformer, training, storage, notes, tally);
    tally.end();
    return weights;
  }

  /** Returns the least precision that has the numbers of all tensors in the files. */
  public Precision filePrecision() throws IOException {
    return ModelFolder.precision(weightsFolder());
  }

  private Path weightsFolder() {
    return adapter == null ? folder : adapter.base();
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
