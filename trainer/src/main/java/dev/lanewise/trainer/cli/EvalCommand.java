package dev.lanewise.trainer.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.kernels.Precision;
import dev.lanewise.trainer.cli.jvm.StopSignals;
import dev.lanewise.trainer.progress.Phase;
import dev.lanewise.trainer.run.KnownModel;
import dev.lanewise.trainer.run.LoadedModel;
import dev.lanewise.trainer.run.WeightPrecision;
import dev.lanewise.trainer.step.Evaluator;
import dev.lanewise.trainer.text.CorpusBuilder;
import dev.lanewise.trainer.text.CorpusLayout;
import dev.lanewise.trainer.text.TextSource;
import dev.lanewise.trainer.text.ValidationSplit;
import dev.lanewise.trainer.text.token.TokenFile;
import dev.lanewise.trainer.text.token.ValidationWindows;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.concurrent.atomic.AtomicLong;
import picocli.CommandLine.Command;
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

  @Option(
      names = "--model",
      preprocessor = Verbatim.class,
      required = true,
      paramLabel = "DIR",
      description =
          "a run, of which the best checkpoint is taken, a checkpoint, or a model in Hugging Face's"
              + " form")
  private Path model;

  @Option(
      names = "--data",
      preprocessor = Verbatim.class,
      required = true,
      arity = "1..*",
      paramLabel = "PATH",
      description = "text files or folders in UTF-8; - is the standard input")
  private List<Path> data;

  @Option(
      names = "--skip-bad",
      description =
          "leave out files that are missing, unreadable, binary or not UTF-8, and say how many")
  private boolean skipBad;

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

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "threads that compute; does not change the result (default: physical cores)")
  private Integer threads;

  @Option(names = "--weights", paramLabel = "NAME", description = WeightPrecision.DESCRIPTION)
  private WeightPrecision weights = WeightPrecision.FILE;

  @Option(names = "--kernels", paramLabel = "NAME", description = KernelChoice.DESCRIPTION)
  private KernelChoice kernels = KernelChoice.VECTOR;

  @Override
  int run(Display display) throws IOException {
    int workers = requireThreads(threads);
    InferenceMemory memory =
        new InferenceMemory(spec().name(), workers, Runtime.getRuntime().maxMemory());
    try (TemporaryFolder folder = new TemporaryFolder("lanewise-eval");
        WorkerPool pool = new WorkerPool(workers)) {
      Path input = folder.resolve("standard-input.txt");
      TextSource text = findText(StandardInput.saved(data, System.in, input, display), skipBad);
      KnownModel known = KnownModel.in(model, display);
      int window = window(known);
      display.tell(new ModelOrigin(known.origin(), known.folder()));
      CorpusLayout layout = new CorpusLayout(separator, special, ValidationSplit.TAIL, 0);
      Path file = folder.resolve("text.tokens");
      try (TokenFile tokens =
          CorpusBuilder.encode(text, known.tokenizer(), layout, file, display)) {
        requireTwo(tokens.size(), text);
        int time = (int) Math.min(tokens.size() - 1, window);
        ValidationWindows windows = new ValidationWindows(tokens, time);
        Precision held = weights.of(known.filePrecision());
        LoadedModel loaded =
            LoadedModel.load(
                known,
                kernels.create(),
                weights,
                SEQUENCES_PER_PASS,
                time,
                planned -> memory.requireEvaluation(planned, held, windows.count()),
                display);
        display.result(measure(loaded, pool, text, tokens, windows, display));
        return 0;
      }
    }
  }

  private int window(KnownModel known) {
    int sees = known.description().config().contextLength();
    if (context != null && (context < 1 || context > sees)) {
      throw wrongCall(
          "--context %d: the model in %s sees %d tokens; take from 1 to that many"
              .formatted(context, known.folder(), sees));
    }
    return context == null ? sees : context;
  }

  private static void requireTwo(long tokens, TextSource text) {
    if (tokens < 2) {
      throw new IllegalArgumentException(
          "%s has %d token%s, and the first is given, not predicted: nothing can be measured; give more text with --data"
              .formatted(text.description(), tokens, tokens == 1 ? "" : "s"));
    }
  }

  private static Measured measure(
      LoadedModel loaded,
      WorkerPool pool,
      TextSource text,
      TokenFile tokens,
      ValidationWindows windows,
      Display display)
      throws IOException {
    Evaluator evaluator =
        new Evaluator(loaded.transformer(), pool, loaded.weights(), loaded.panels(), windows);
    OptionalDouble loss;
    try (StopSignals signals = StopSignals.catching(() -> {})) {
      loss = evaluator.evaluate(windows, signals::isCaught, display);
    }
    if (loss.isEmpty()) {
      throw new IllegalStateException("stopped");
    }
    // The first token is given, not predicted; one that begins all texts is no part of them.
    boolean ofText = loaded.tokenizer().prefix().isEmpty();
    long given = ofText ? loaded.tokenizer().tokenBytes(tokens.get(0)).length : 0;
    long bytes = length(text.watched(display, Phase.READING, text.expectedBytes())) - given;
    double bits = loss.getAsDouble() * windows.targets() / Math.log(2) / bytes;
    return new Measured(loss.getAsDouble(), bits, windows.targets(), bytes);
  }

  /** What came out: nats per token, and how many of them. */
  private record Measured(double loss, double bitsPerByte, long tokens, long bytes)
      implements Message {

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
