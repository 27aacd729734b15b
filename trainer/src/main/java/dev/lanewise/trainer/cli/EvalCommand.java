package dev.lanewise.trainer.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.kernels.Precision;
import dev.lanewise.model.io.Counted;
import dev.lanewise.trainer.cli.jvm.StopSignals;
import dev.lanewise.trainer.progress.Phase;
import dev.lanewise.trainer.run.KnownModel;
import dev.lanewise.trainer.run.LoadedModel;
import dev.lanewise.trainer.step.Evaluator;
import dev.lanewise.trainer.text.CorpusBuilder;
import dev.lanewise.trainer.text.CorpusLabel;
import dev.lanewise.trainer.text.CorpusLayout;
import dev.lanewise.trainer.text.DocumentCorpusBuilder;
import dev.lanewise.trainer.text.DocumentLayout;
import dev.lanewise.trainer.text.JsonLinesFiles;
import dev.lanewise.trainer.text.TextSource;
import dev.lanewise.trainer.text.ValidationSplit;
import dev.lanewise.trainer.text.conversation.ChatForm;
import dev.lanewise.trainer.text.conversation.DocumentSummary;
import dev.lanewise.trainer.text.conversation.LongDocuments;
import dev.lanewise.trainer.text.conversation.TrainOn;
import dev.lanewise.trainer.text.token.DocumentFile;
import dev.lanewise.trainer.text.token.EvaluationTokens;
import dev.lanewise.trainer.text.token.TokenFile;
import dev.lanewise.trainer.text.token.ValidationDocuments;
import dev.lanewise.trainer.text.token.ValidationWindows;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.concurrent.atomic.AtomicLong;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code lanewise eval}. */
@Command(
    name = "eval",
    description = {
      "Measures how well a model predicts a text.",
      "",
      "Every token is predicted once, nothing is sampled. Prints the loss (nats per",
      "token), the perplexity (its exponential: among how many equally likely tokens",
      "the model might as well guess) and bits per byte, which can be compared between",
      "models with different tokenizers."
    },
    footer = {
      "",
      "Example:",
      "  lanewise eval --model runs/will --data tinyshakespeare.txt",
      "",
      "All of the text is measured. Text that the model was trained on flatters it."
    })
final class EvalCommand extends WatchedCommand {

  /** Windows whose losses are added first; what is in a pass does not show in the result. */
  private static final int SEQUENCES_PER_PASS = 4;

  @Mixin private ModelOptions model = new ModelOptions();

  @Option(
      names = "--data",
      preprocessor = Verbatim.class,
      required = true,
      arity = "1..*",
      paramLabel = "PATH",
      description =
          "text files or folders in UTF-8, or JSON Lines (.jsonl, .jsonl.gz), of which the answers"
              + " are predicted; - is the standard input")
  private List<Path> data;

  @Option(
      names = "--skip-bad",
      description =
          "leave out files that are missing, unreadable, binary or not UTF-8, and documents of JSON"
              + " Lines that are no good, and say how many")
  private boolean skipBad;

  @Option(
      names = "--train-on",
      paramLabel = "WHAT",
      description =
          "of JSON Lines, answers: completions and what the assistant says count; all: prompts and"
              + " questions too (default: answers)")
  private TrainOn trainOn = TrainOn.ANSWERS;

  @Option(
      names = "--separator",
      preprocessor = Verbatim.class,
      paramLabel = "TEXT",
      description =
          "what stands between documents: text, or the name of a special token, which ends each"
              + " (default: the tokenizer's end token if it has one, else a line feed)")
  private String separator;

  @Option(
      names = "--special",
      description = "names of special tokens in the text stand for the tokens")
  private boolean special;

  @Option(
      names = "--context",
      paramLabel = "N",
      description =
          "tokens that are predicted from the ones before them, at most; fewer take less memory, and"
              + " give a higher loss (default: all that the model sees)")
  private Integer context;

  @Mixin private InferenceOptions with = new InferenceOptions();

  @Override
  int run(Display display) throws IOException {
    try (TemporaryFolder folder = new TemporaryFolder("lanewise-eval");
        WorkerPool pool = new WorkerPool(with.workers())) {
      boolean areDocuments = !StandardInput.isNamed(data) && JsonLinesFiles.areNamed(data);
      display.result(
          areDocuments ? ofDocuments(folder, pool, display) : ofText(folder, pool, display));
      return 0;
    }
  }

  private Measured ofText(TemporaryFolder folder, WorkerPool pool, Display display)
      throws IOException {
    Path input = folder.resolve("standard-input.txt");
    TextSource text =
        findText(
            StandardInput.saved(data, System.in, input, TemporaryFolder.OPTION, display), skipBad);
    KnownModel known = model.known(display);
    int window = ModelOptions.window(this, known, context);
    display.tell(new ModelOrigin(known.origin(), known.folder()));
    CorpusLayout layout = new CorpusLayout(separator, special, ValidationSplit.TAIL, 0);
    Path file = folder.resolve("text.tokens");
    try (TokenFile tokens =
        folder.explaining(
            () -> CorpusBuilder.encode(text, known.tokenizer(), layout, file, display))) {
      requireTwo(tokens.size(), text);
      int time = (int) Math.min(tokens.size() - 1, window);
      ValidationWindows windows = new ValidationWindows(tokens, time);
      double loss = loss(known, windows, time, pool, display);
      // The first token is given, not predicted; one that begins all texts is no part of them.
      boolean ofText = known.tokenizer().prefix().isEmpty();
      long given = ofText ? known.tokenizer().tokenBytes(tokens.get(0)).length : 0;
      long bytes = length(text.watched(display, Phase.READING, text.expectedBytes())) - given;
      requireBytes(bytes, text.description());
      return Measured.of(loss, windows.targets(), bytes);
    }
  }

  /** The loss of what counts, each document seen by itself. */
  private Measured ofDocuments(TemporaryFolder folder, WorkerPool pool, Display display)
      throws IOException {
    JsonLinesFiles found = JsonLinesFiles.of(data);
    JsonLinesFiles files = skipBad ? found.skippingBad() : found;
    KnownModel known = model.known(display);
    int window = ModelOptions.window(this, known, context);
    display.tell(new ModelOrigin(known.origin(), known.folder()));
    ChatForm form = ChatForm.of(known.folder(), known.tokenizer());
    DocumentSummary summary = new DocumentSummary(form.origin(), window, LongDocuments.CUT);
    DocumentLayout layout = new DocumentLayout(window, trainOn, LongDocuments.CUT, 0, null);
    try (DocumentFile documents =
        folder.explaining(
            () ->
                DocumentCorpusBuilder.encode(
                    files,
                    known.tokenizer(),
                    form,
                    layout,
                    summary,
                    folder.resolve("documents.tokens"),
                    display))) {
      RunMessage.Documents.tellNotes(summary, display);
      display.tell(new RunMessage.Documents(summary));
      if (documents.documents() == 0) {
        throw new IllegalArgumentException(files.description() + ": " + whyNothing(summary));
      }
      int time = Math.max(1, Math.min(documents.longest(), window));
      ValidationDocuments windows = new ValidationDocuments(documents, time);
      int[] bytesOfIds = CorpusLabel.bytesOfIds(known.tokenizer());
      long[] bytes = new long[1];
      documents.forEachCounted(id -> bytes[0] += bytesOfIds[id]);
      requireBytes(bytes[0], files.description());
      double loss = loss(known, windows, time, pool, display);
      return Measured.of(loss, windows.targets(), bytes[0]);
    }
  }

  /** A loss of special tokens alone says nothing about a text. */
  private void requireBytes(long bytes, String description) {
    if (bytes <= 0) {
      throw new IllegalArgumentException(
          "%s: all that is predicted is special tokens, and no text: nothing can be measured; give more text with --data"
              .formatted(StandardInput.isNamed(data) ? "the standard input" : description));
    }
  }

  private static String whyNothing(DocumentSummary summary) {
    if (summary.documents() == 0) {
      return summary.whyNone();
    }
    if (summary.counted() == 0) {
      return "none of its %s counts: nothing can be measured; with --train-on all prompts and questions count too"
          .formatted(Counted.of(summary.tokens(), "token"));
    }
    return summary.counted() == summary.cutCounted()
        ? "what counts is beyond a context of %d: nothing can be measured; take a longer --context"
            .formatted(summary.context())
        : "no document has a token that counts after its first, which is given, not predicted: nothing can be measured; give longer documents";
  }

  private void requireTwo(long tokens, TextSource text) {
    if (tokens < 2) {
      throw new IllegalArgumentException(
          "%s: %s: nothing can be measured; give more text with --data"
              .formatted(
                  StandardInput.isNamed(data) ? "the standard input" : text.description(),
                  tokens == 0
                      ? "there is no text in it"
                      : "it has 1 token, and the first is given, not predicted"));
    }
  }

  private double loss(
      KnownModel known, EvaluationTokens windows, int time, WorkerPool pool, Display display)
      throws IOException {
    InferenceMemory memory =
        new InferenceMemory(spec().name(), pool.size(), Runtime.getRuntime().maxMemory());
    Precision held = with.held(known);
    LoadedModel loaded =
        LoadedModel.load(
            known,
            with.kernels(),
            with.weights(),
            SEQUENCES_PER_PASS,
            time,
            planned -> memory.requireEvaluation(planned, held, windows.count()),
            display);
    Evaluator evaluator =
        new Evaluator(loaded.transformer(), pool, loaded.weights(), loaded.panels(), windows);
    OptionalDouble loss;
    try (StopSignals signals = StopSignals.catching(() -> {})) {
      loss = evaluator.evaluate(windows, signals::isCaught, display);
    }
    if (loss.isEmpty()) {
      throw new IllegalStateException("stopped");
    }
    return loss.getAsDouble();
  }

  /** What came out: nats per token, and how many of them. */
  private record Measured(double loss, double bitsPerByte, long tokens, long bytes)
      implements Message {

    static Measured of(double loss, long tokens, long bytes) {
      return new Measured(loss, loss * tokens / Math.log(2) / bytes, tokens, bytes);
    }

    @Override
    public String type() {
      return "result";
    }

    @Override
    public String text() {
      return String.format(
          Locale.ROOT,
          "loss=%.6f perplexity=%.4f bits_per_byte=%.6f tokens=%d bytes=%d",
          loss,
          Math.exp(loss),
          bitsPerByte,
          tokens,
          bytes);
    }

    @Override
    public void write(JsonGenerator json) throws IOException {
      json.writeStringField("command", "eval");
      Message.number(json, "loss", loss);
      Message.number(json, "perplexity", Math.exp(loss));
      Message.number(json, "bits_per_byte", bitsPerByte);
      json.writeNumberField("tokens", tokens);
      json.writeNumberField("bytes", bytes);
    }
  }

  private static long length(TextSource text) throws IOException {
    AtomicLong bytes = new AtomicLong();
    text.copyTo((utf8, offset, length) -> bytes.addAndGet(length));
    return bytes.get();
  }
}
