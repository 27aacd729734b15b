package dev.lanewise.trainer.text;

import dev.lanewise.engine.registry.Registry;
import dev.lanewise.model.io.Counted;
import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.trainer.files.DurableFiles;
import dev.lanewise.trainer.progress.LateLogger;
import dev.lanewise.trainer.progress.Phase;
import dev.lanewise.trainer.progress.Progress;
import dev.lanewise.trainer.progress.Tally;
import dev.lanewise.trainer.text.conversation.ChatForm;
import dev.lanewise.trainer.text.conversation.DocumentSummary;
import dev.lanewise.trainer.text.token.DocumentFile;
import dev.lanewise.trainer.text.token.DocumentFileWriter;
import dev.lanewise.trainer.text.token.InvalidTokenFileException;
import dev.lanewise.trainer.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Makes a {@link DocumentCorpus} in a folder: the tokenizer's files, ids to train and to validate
 * on with what of them counts, and {@code corpus.txt}, which says what they were made from. When
 * the folder already holds the same, the documents are read for their fingerprint only.
 */
public final class DocumentCorpusBuilder {

  private static final LateLogger LOG = new LateLogger(DocumentCorpusBuilder.class);

  private static final Pattern LABEL_TEXT =
      Pattern.compile("(?m)^text ([0-9a-f]{64}) bytes ([0-9]{1,18})$");
  private static final Pattern LABEL_SUMMARY = Pattern.compile("(?m)^(documents=.*)$");

  private final Path folder;
  private final DocumentLayout layout;
  private final TokenizerChoice choice;
  private final Path model;
  private final Registry<TokenizerKind> kinds;

  /**
   * Makes nothing yet.
   *
   * @param folder created if need be
   * @param choice where the tokenizer comes from
   * @param model the folder whose chat template writes conversations; null if the model is new
   */
  public DocumentCorpusBuilder(
      Path folder,
      DocumentLayout layout,
      TokenizerChoice choice,
      Path model,
      Registry<TokenizerKind> kinds) {
    this.folder = folder;
    this.layout = layout;
    this.choice = choice;
    this.model = model;
    this.kinds = kinds;
  }

  /**
   * The corpus of some documents, after a look at their fingerprint: when that is refused, the
   * corpus that is there stays as it is.
   *
   * @throws InvalidTextException when there is nothing to learn, or the files change while they are
   *     read
   * @throws InvalidFileException when a line is no good; it names file, line and field
   */
  public DocumentCorpus build(JsonLinesFiles data, Progress progress, CorpusBuilder.TextCheck check)
      throws IOException {
    String sha256 = data.fingerprint(progress);
    check.check(sha256);
    if (data.bytes() == 0) {
      throw new InvalidTextException(data.description(), "there is no document in it");
    }
    Files.createDirectories(folder);
    Optional<DocumentCorpus> existing = reuse(sha256, data.bytes(), progress);
    if (existing.isPresent()) {
      return existing.get();
    }
    Files.deleteIfExists(folder.resolve(CorpusLabel.FILE));
    Tokenizer tokenizer = choice.tokenizerFor(DocumentFiles.texts(data, progress), progress);
    tokenizer.save(folder);
    ChatForm form = form(tokenizer);
    DocumentSummary summary = encode(data, tokenizer, form, progress);
    if (!data.fingerprint(progress).equals(sha256)) {
      throw new InvalidTextException(data.description(), "the files changed while they were read");
    }
    DocumentCorpus corpus = open(tokenizer, summary, sha256, data.bytes(), progress);
    try {
      requireSomething(corpus, data);
      DurableFiles.replace(folder.resolve(CorpusLabel.FILE), label(corpus, form));
      return corpus;
    } catch (IOException | RuntimeException e) {
      corpus.close();
      throw e;
    }
  }

  /** A template may ask for the date; for a run it is always the same. */
  private ChatForm form(Tokenizer tokenizer) throws IOException {
    ChatForm form = ChatForm.of(model == null ? folder : model, tokenizer);
    return layout.today() == null ? form : form.on(layout.today());
  }

  private DocumentSummary encode(
      JsonLinesFiles data, Tokenizer tokenizer, ChatForm form, Progress progress)
      throws IOException {
    DocumentSummary summary =
        new DocumentSummary(form.origin(), layout.context(), layout.longDocuments());
    Tally tally = progress.begin(Phase.ENCODING, data.bytes());
    DocumentFiles files = DocumentFiles.reader(data, tokenizer, form, layout, summary, tally);
    try (DocumentFileWriter training = writer(CorpusBuilder.TRAINING_FILE, tokenizer);
        DocumentFileWriter validation = writer(CorpusBuilder.VALIDATION_FILE, tokenizer)) {
      DocumentFiles.Sink toTraining = into(training);
      DocumentFiles.Sink toValidation = into(validation);
      if (data.validation().isEmpty()) {
        SplitByTens split = new SplitByTens(layout.seed(), toTraining, toValidation);
        files.read(data.files(), split::add);
        split.finish();
      } else {
        files.read(data.files(), toTraining);
        files.read(data.validation(), toValidation);
      }
      training.commit();
      validation.commit();
    }
    tally.end();
    return summary;
  }

  private DocumentFileWriter writer(String name, Tokenizer tokenizer) throws IOException {
    return new DocumentFileWriter(folder.resolve(name), tokenizer);
  }

  private static DocumentFiles.Sink into(DocumentFileWriter writer) {
    return document -> {
      for (DocumentFiles.Piece piece : document) {
        piece.writeTo(writer);
      }
    };
  }

  /**
   * All documents of files as one file of ids, for instance to evaluate on; the caller closes it.
   *
   * @param form how conversations are written
   * @param summary is told of every document
   * @param file the token file, beside which the other will be
   */
  public static DocumentFile encode(
      JsonLinesFiles data,
      Tokenizer tokenizer,
      ChatForm form,
      DocumentLayout layout,
      DocumentSummary summary,
      Path file,
      Progress progress)
      throws IOException {
    Tally tally = progress.begin(Phase.ENCODING, data.bytes());
    DocumentFiles files = DocumentFiles.reader(data, tokenizer, form, layout, summary, tally);
    try (DocumentFileWriter writer = new DocumentFileWriter(file, tokenizer)) {
      files.read(data.files(), into(writer));
      writer.commit();
    }
    tally.end();
    Tally checked = progress.begin(Phase.CHECKING, Files.size(file));
    DocumentFile opened = DocumentFile.open(file, checked);
    checked.end();
    return opened;
  }

  private void requireSomething(DocumentCorpus corpus, JsonLinesFiles data)
      throws InvalidTextException {
    DocumentSummary summary = corpus.summary();
    if (corpus.training().documents() == 0) {
      throw new InvalidTextException(
          data.description(),
          summary.documents() == 0
              ? summary.whyNone()
              : summary.counted() > summary.cutCounted()
                  ? "there is nothing left to train on beside what validates; give more documents"
                  : "none of the %s of %s counts within a context of %d, so nothing can be learned; %s"
                      .formatted(
                          Counted.of(summary.tokens(), "token"),
                          Counted.of(summary.documents(), "document"),
                          summary.context(),
                          summary.counted() > 0
                              ? "take a longer --context, or --long split"
                              : "give completions or answers of an assistant, or take --train-on"
                                  + " all, with which prompts and questions count too"));
    }
    if (corpus.validation().documents() == 0) {
      throw new InvalidTextException(
          data.description(),
          data.validation().isEmpty()
              ? "there is one document, and none is left to validate on; give more, or name others"
                  + " with --validation"
              : "none of the tokens to validate on counts; give --validation completions or answers"
                  + " of an assistant");
    }
  }

  /**
   * The corpus that is in the folder already, for documents that are not there any more.
   *
   * @param progress of checking its files
   * @return empty if it is damaged, or was made with other settings
   */
  public Optional<DocumentCorpus> kept(Progress progress) throws IOException {
    Matcher text =
        LABEL_TEXT.matcher(CorpusBuilder.isComplete(folder) ? CorpusLabel.text(folder) : "");
    return text.find()
        ? reuse(text.group(1), Long.parseLong(text.group(2)), progress)
        : Optional.empty();
  }

  /** Whatever is wrong with files that can be made again is a reason to make them again. */
  private Optional<DocumentCorpus> reuse(String sha256, long bytes, Progress progress)
      throws IOException {
    if (!Files.isRegularFile(folder.resolve(CorpusLabel.FILE))) {
      return Optional.empty();
    }
    String there = CorpusLabel.text(folder);
    Matcher line = LABEL_SUMMARY.matcher(there);
    Optional<DocumentSummary> summary =
        line.find()
            ? DocumentSummary.parse(line.group(1), layout.longDocuments())
            : Optional.empty();
    if (summary.isEmpty()) {
      return Optional.empty();
    }
    DocumentCorpus corpus = null;
    try {
      Tokenizer tokenizer = CorpusBuilder.kept(choice, folder, kinds);
      corpus = open(tokenizer, summary.get(), sha256, bytes, progress);
      if (label(corpus, form(tokenizer)).equals(there)) {
        return Optional.of(corpus);
      }
      LOG.info(
          "The corpus in {} was made from other documents or with other settings; it is made"
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

  private DocumentCorpus open(
      Tokenizer tokenizer, DocumentSummary summary, String sha256, long bytes, Progress progress)
      throws IOException {
    long size = 0;
    for (String name : List.of(CorpusBuilder.TRAINING_FILE, CorpusBuilder.VALIDATION_FILE)) {
      Path file = folder.resolve(name);
      size += Files.isRegularFile(file) ? Files.size(file) : 0;
    }
    Tally tally = progress.begin(Phase.CHECKING, size);
    DocumentFile training = open(tokenizer, CorpusBuilder.TRAINING_FILE, tally);
    try {
      DocumentFile validation = open(tokenizer, CorpusBuilder.VALIDATION_FILE, tally);
      tally.end();
      return new DocumentCorpus(tokenizer, training, validation, bytes, sha256, summary);
    } catch (IOException e) {
      training.close();
      throw e;
    }
  }

  /** A document that is longer than the context would fit into no window. */
  private DocumentFile open(Tokenizer tokenizer, String name, LongConsumer checked)
      throws IOException {
    DocumentFile file = DocumentFile.open(folder.resolve(name), checked);
    try {
      CorpusBuilder.requireOf(tokenizer, file.tokens());
      if (file.longest() > layout.context()) {
        throw new InvalidTokenFileException(
            file.tokens().path(),
            "documents",
            "one has %d ids, which is more than the context of %d"
                .formatted(file.longest(), layout.context()));
      }
      return file;
    } catch (InvalidTokenFileException e) {
      file.close();
      throw e;
    }
  }

  /** All that the files depend on, and what came out. */
  private String label(DocumentCorpus corpus, ChatForm form) {
    return String.join(
        "\n",
        CorpusLabel.OF_DOCUMENTS,
        "text " + corpus.textFingerprint() + " bytes " + corpus.textBytes(),
        "settings " + choice.settings() + ", " + layout.label(),
        "template " + form.fingerprint(),
        "tokenizer " + corpus.tokenizer().fingerprint(),
        corpus.summary().line(),
        "training " + corpus.training().fingerprint() + " tokens " + corpus.trainingTokens(),
        "validation " + corpus.validation().fingerprint() + " tokens " + corpus.validationTokens(),
        "");
  }
}
