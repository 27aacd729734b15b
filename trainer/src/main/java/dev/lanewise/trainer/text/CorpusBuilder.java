package dev.lanewise.trainer.text;

import dev.lanewise.engine.registry.Registry;
import dev.lanewise.model.io.Counted;
import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.trainer.files.DurableFiles;
import dev.lanewise.trainer.progress.LateLogger;
import dev.lanewise.trainer.progress.Phase;
import dev.lanewise.trainer.progress.Progress;
import dev.lanewise.trainer.progress.Tally;
import dev.lanewise.trainer.text.token.CorpusTooShortException;
import dev.lanewise.trainer.text.token.InvalidTokenFileException;
import dev.lanewise.trainer.text.token.TokenFile;
import dev.lanewise.trainer.text.token.TokenFileWriter;
import dev.lanewise.trainer.text.tokenizer.Tokenizer;
import dev.lanewise.trainer.text.tokenizer.UnknownCharacterException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Makes a {@link TextCorpus} in a folder: the tokenizer's files, {@code training.tokens}, {@code
 * validation.tokens}, and {@code corpus.txt}, which says what they were made from. The text is read
 * three times (its fingerprint, the tokenizer, the ids), in bounded memory; when the folder already
 * holds the same, once.
 */
public final class CorpusBuilder {

  private static final LateLogger LOG = new LateLogger(CorpusBuilder.class);

  static final String TRAINING_FILE = "training.tokens";
  static final String VALIDATION_FILE = "validation.tokens";
  private static final Pattern LABEL_TEXT =
      Pattern.compile("(?m)^text ([0-9a-f]{64}) bytes ([0-9]{1,18})$");
  private static final int TRAINING_TENTHS = 9;

  /** A character on the border of the splits belongs to the first one. */
  private static final int MOST_BYTES_OVER = 3;

  /** Looks at the text before anything is changed. */
  @FunctionalInterface
  public interface TextCheck {

    /**
     * Refuses the text by an exception, if it is not the right one.
     *
     * @param sha256 of the clean text, in hex
     */
    void check(String sha256);
  }

  private final Path folder;
  private final int context;
  private final Registry<TokenizerKind> kinds;

  /**
   * Makes nothing yet.
   *
   * @param folder created if need be
   * @param context T: what has no window of T+1 tokens is not worth tokenizing
   */
  public CorpusBuilder(Path folder, int context) {
    this(folder, context, TokenizerKinds.STANDARD);
  }

  private CorpusBuilder(Path folder, int context, Registry<TokenizerKind> kinds) {
    this.folder = folder;
    this.context = context;
    this.kinds = kinds;
  }

  /** Returns the same, for tokenizers of these kinds. */
  public CorpusBuilder reading(Registry<TokenizerKind> others) {
    return new CorpusBuilder(folder, context, others);
  }

  /**
   * The corpus of a text: the first nine tenths of its bytes for training, the rest for validation.
   *
   * @throws InvalidTextException when the text is empty, is not text, or changes while it is read
   * @throws CorpusTooShortException when it has too few bytes for one window, as no token is less
   *     than a byte
   */
  public TextCorpus build(TextSource text, TokenizerChoice choice, Progress progress)
      throws IOException {
    return build(text, choice, CorpusLayout.former(), progress, sha256 -> {});
  }

  /**
   * As {@link #build(TextSource, TokenizerChoice, Progress)}, in a stated layout and after a look
   * at the text: when it is refused, the corpus that is there stays as it is.
   */
  public TextCorpus build(
      TextSource text,
      TokenizerChoice choice,
      CorpusLayout layout,
      Progress progress,
      TextCheck textCheck)
      throws IOException {
    TextSummary summary =
        TextSummary.of(text.watched(progress, Phase.READING, text.expectedBytes()));
    textCheck.check(summary.sha256());
    if (summary.bytes() == 0) {
      throw new InvalidTextException(text.description(), "there is no text in it");
    }
    if (ValidationSplit.nineTenths(summary.bytes()) + MOST_BYTES_OVER < context + 1L) {
      throw new CorpusTooShortException(
          ("the text has %s (%s), nine tenths of them to train on, but one window of context"
                  + " %d takes %d tokens; give more text (--data), or take a smaller --context")
              .formatted(
                  Counted.of(summary.bytes(), "byte"), text.description(), context, context + 1L));
    }
    Files.createDirectories(folder);
    Optional<TextCorpus> existing = reuse(summary, choice, layout, progress);
    if (existing.isPresent()) {
      return existing.get();
    }
    Files.deleteIfExists(folder.resolve(CorpusLabel.FILE));
    Tokenizer tokenizer =
        choice.tokenizerFor(text.watched(progress, Phase.COUNTING, summary.bytes()), progress);
    tokenizer.save(folder);
    encodeSplits(text, summary, tokenizer, layout, progress);
    TextCorpus corpus = open(tokenizer, summary, progress);
    DurableFiles.replace(folder.resolve(CorpusLabel.FILE), label(corpus, choice, layout));
    return corpus;
  }

  /** All of a text as one token file, for instance to evaluate on; the caller closes it. */
  public static TokenFile encode(
      TextSource text, Tokenizer tokenizer, CorpusLayout layout, Path file, Progress progress)
      throws IOException {
    try (TokenFileWriter writer = new TokenFileWriter(file, tokenizer);
        SpecialNameCounter names = new SpecialNameCounter(text, tokenizer, layout)) {
      DocumentEncoder encoder = new DocumentEncoder(tokenizer, layout, writer);
      text.watched(progress, Phase.ENCODING, text.expectedBytes())
          .copyDocuments(names.before(encoder));
      encoder.finish();
      writer.commit();
    } catch (UnknownCharacterException e) {
      throw unknown(text, e);
    }
    Tally tally = progress.begin(Phase.CHECKING, Files.size(file));
    TokenFile tokens = TokenFile.open(file, tally);
    tally.end();
    return tokens;
  }

  private static InvalidTextException unknown(TextSource text, UnknownCharacterException problem)
      throws IOException {
    return new InvalidTextException(
        CharacterPlace.of(text, problem.codePoint()), problem.reason(), problem);
  }

  private void encodeSplits(
      TextSource text,
      TextSummary summary,
      Tokenizer tokenizer,
      CorpusLayout layout,
      Progress progress)
      throws IOException {
    TextSource watched = text.watched(progress, Phase.ENCODING, summary.bytes());
    try (TokenFileWriter training = new TokenFileWriter(folder.resolve(TRAINING_FILE), tokenizer);
        TokenFileWriter validation =
            new TokenFileWriter(folder.resolve(VALIDATION_FILE), tokenizer);
        SpecialNameCounter names = new SpecialNameCounter(text, tokenizer, layout)) {
      DocumentEncoder first = new DocumentEncoder(tokenizer, layout, training);
      DocumentEncoder second = new DocumentEncoder(tokenizer, layout, validation);
      TextSummary read = split(watched, summary, layout, tokenizer, names, first, second);
      first.finish();
      second.finish();
      if (!read.equals(summary)) {
        throw new InvalidTextException(text.description(), "the text changed while it was read");
      }
      training.commit();
      validation.commit();
    } catch (UnknownCharacterException e) {
      throw unknown(text, e);
    }
  }

  /** The former split is one of the joined text, its line feeds among its bytes. */
  private static TextSummary split(
      TextSource text,
      TextSummary summary,
      CorpusLayout layout,
      Tokenizer tokenizer,
      SpecialNameCounter names,
      DocumentSink training,
      DocumentSink validation)
      throws IOException {
    boolean joined =
        layout.split() == ValidationSplit.TAIL
            && layout.endId(tokenizer).isEmpty()
            && layout.between().equals(CorpusLayout.LINE_FEED);
    List<Long> documents = joined ? List.of(summary.bytes()) : summary.documents();
    SplitSink split =
        new SplitSink(training, validation, layout.split().trainingBytes(documents, layout.seed()));
    OneDocument whole = new OneDocument(split);
    TextSummary.Collector collector =
        new TextSummary.Collector(names.before(joined ? whole : split));
    text.copyDocuments(collector);
    if (joined) {
      whole.finish();
    }
    return collector.summary();
  }

  /** Whatever is wrong with files that can be made again is a reason to make them again. */
  private Optional<TextCorpus> reuse(
      TextSummary summary, TokenizerChoice choice, CorpusLayout layout, Progress progress)
      throws IOException {
    if (!Files.isRegularFile(folder.resolve(CorpusLabel.FILE))) {
      return Optional.empty();
    }
    TextCorpus corpus = null;
    try {
      corpus = open(kept(choice, folder, kinds), summary, progress);
      if (label(corpus, choice, layout).equals(CorpusLabel.text(folder))) {
        return Optional.of(corpus);
      }
      LOG.info(
          "The corpus in {} was made from another text or with other settings; it is made"
              + " anew.",
          folder);
    } catch (InvalidFileException | InvalidTokenFileException e) {
      LOG.warn("The corpus in {} is damaged and is made anew: {}", folder, e.getMessage());
    }
    if (corpus != null) {
      corpus.close();
    }
    return Optional.empty();
  }

  /** One that is given may know more of its model than its files do. */
  static Tokenizer kept(TokenizerChoice choice, Path folder, Registry<TokenizerKind> kinds)
      throws IOException {
    Tokenizer read = TokenizerFolder.load(folder, kinds);
    return choice instanceof TokenizerChoice.Given given
            && given.tokenizer().fingerprint().equals(read.fingerprint())
        ? given.tokenizer()
        : read;
  }

  /** Whether a folder holds all files of a corpus; nothing is said about what is in them. */
  public static boolean isComplete(Path folder) {
    return List.of(CorpusLabel.FILE, TRAINING_FILE, VALIDATION_FILE).stream()
        .allMatch(name -> Files.isRegularFile(folder.resolve(name)));
  }

  /**
   * What a folder holds is no corpus from now on, after a power failure too; it is made anew of the
   * next text.
   */
  public static void forget(Path folder) throws IOException {
    if (Files.deleteIfExists(folder.resolve(CorpusLabel.FILE))) {
      DurableFiles.forceFolder(folder);
    }
  }

  /**
   * The corpus that is in the folder already, for a text that is not there any more.
   *
   * @param progress of checking its files
   * @return empty if it is damaged, or was made with other settings
   */
  public Optional<TextCorpus> kept(TokenizerChoice choice, CorpusLayout layout, Progress progress)
      throws IOException {
    Matcher text = LABEL_TEXT.matcher(isComplete(folder) ? CorpusLabel.text(folder) : "");
    return text.find()
        ? reuse(
            new TextSummary(Long.parseLong(text.group(2)), text.group(1), List.of()),
            choice,
            layout,
            progress)
        : Optional.empty();
  }

  private TextCorpus open(Tokenizer tokenizer, TextSummary summary, Progress progress)
      throws IOException {
    Tally tally = progress.begin(Phase.CHECKING, size(TRAINING_FILE) + size(VALIDATION_FILE));
    TokenFile training = open(tokenizer, TRAINING_FILE, tally);
    try {
      TokenFile validation = open(tokenizer, VALIDATION_FILE, tally);
      tally.end();
      return new TextCorpus(tokenizer, training, validation, summary.bytes(), summary.sha256());
    } catch (IOException e) {
      training.close();
      throw e;
    }
  }

  /** Of a file that may be missing, which its reader will tell. */
  private long size(String name) throws IOException {
    Path file = folder.resolve(name);
    return Files.isRegularFile(file) ? Files.size(file) : 0;
  }

  private TokenFile open(Tokenizer tokenizer, String name, Tally checked) throws IOException {
    TokenFile file = TokenFile.open(folder.resolve(name), checked);
    try {
      requireOf(tokenizer, file);
      return file;
    } catch (InvalidTokenFileException e) {
      file.close();
      throw e;
    }
  }

  /** An id that the tokenizer does not have would be read from beyond the model's embedding. */
  static void requireOf(Tokenizer tokenizer, TokenFile file) throws InvalidTokenFileException {
    if (file.vocabularySize() != tokenizer.vocabularySize()) {
      throw new InvalidTokenFileException(
          file.path(),
          "vocabulary size",
          "%d, but the tokenizer beside it has %d"
              .formatted(file.vocabularySize(), tokenizer.vocabularySize()));
    }
    if (!file.tokenizerFingerprint().equals(tokenizer.fingerprint())) {
      throw new InvalidTokenFileException(
          file.path(), "tokenizer", "the ids are not of the tokenizer beside it");
    }
  }

  /** All that the files depend on, and what came out. */
  private static String label(TextCorpus corpus, TokenizerChoice choice, CorpusLayout layout) {
    return String.join(
        "\n",
        "Lanewise corpus, version 1",
        "text " + corpus.textFingerprint() + " bytes " + corpus.textBytes(),
        "settings " + choice.settings(),
        "tokenizer " + corpus.tokenizer().fingerprint(),
        layout.label() + "split " + TRAINING_TENTHS + "/10",
        "training " + corpus.training().fingerprint() + " tokens " + corpus.training().size(),
        "validation " + corpus.validation().fingerprint() + " tokens " + corpus.validation().size(),
        "");
  }
}
