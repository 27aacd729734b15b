package dev.lanewise.trainer.cli;

import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.trainer.cli.jvm.StopSignals;
import dev.lanewise.trainer.run.LoadedModel;
import dev.lanewise.trainer.step.Evaluator;
import dev.lanewise.trainer.text.CorpusBuilder;
import dev.lanewise.trainer.text.CorpusLayout;
import dev.lanewise.trainer.text.TextSource;
import dev.lanewise.trainer.text.ValidationSplit;
import dev.lanewise.trainer.text.token.TokenFile;
import dev.lanewise.trainer.text.token.ValidationWindows;
import java.io.IOException;
import java.nio.file.Files;
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
final class EvalCommand extends Subcommand {

  /** Enough to keep the products efficient; what a pass is does not show in the result. */
  private static final int SEQUENCES_PER_PASS = 4;

  @Option(
      names = "--model",
      preprocessor = Verbatim.class,
      required = true,
      paramLabel = "DIR",
      description =
          "a run, of which the best checkpoint is taken, a checkpoint, or a GPT-2 in Hugging Face's"
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
      names = "--threads",
      paramLabel = "N",
      description = "threads that compute; does not change the result (default: all processors)")
  private Integer threads;

  @Option(names = "--kernels", paramLabel = "NAME", description = KernelChoice.DESCRIPTION)
  private KernelChoice kernels = KernelChoice.VECTOR;

  @Override
  int run() throws IOException {
    int workers = requireThreads(threads);
    Path folder = Files.createTempDirectory("lanewise-eval");
    Path input = folder.resolve("standard-input.txt");
    Path file = folder.resolve("text.tokens");
    try (WorkerPool pool = new WorkerPool(workers)) {
      TextSource text = findText(StandardInput.saved(data, System.in, input), skipBad);
      LoadedModel loaded = LoadedModel.load(model, kernels.create(), pool, SEQUENCES_PER_PASS);
      err().println(loaded.origin());
      CorpusLayout layout = new CorpusLayout(separator, special, ValidationSplit.TAIL, 0);
      try (TokenFile tokens = CorpusBuilder.encode(text, loaded.tokenizer(), layout, file)) {
        return evaluate(loaded, pool, text, tokens);
      }
    } finally {
      Files.deleteIfExists(file);
      Files.deleteIfExists(input);
      Files.deleteIfExists(folder);
    }
  }

  private int evaluate(LoadedModel loaded, WorkerPool pool, TextSource text, TokenFile tokens)
      throws IOException {
    ValidationWindows windows =
        new ValidationWindows(tokens, loaded.transformer().config().contextLength());
    Evaluator evaluator =
        new Evaluator(loaded.transformer(), pool, loaded.weights(), loaded.panels());
    OptionalDouble loss;
    try (StopSignals signals = StopSignals.catching(() -> {})) {
      loss = evaluator.evaluate(windows, signals::isCaught);
    }
    if (loss.isEmpty()) {
      err().println("stopped");
      return 1;
    }
    // The first token is given, not predicted.
    long bytes = length(text) - loaded.tokenizer().tokenBytes(tokens.get(0)).length;
    double bits = loss.getAsDouble() * windows.targets() / Math.log(2) / bytes;
    out()
        .printf(
            Locale.ROOT,
            "loss=%.6f perplexity=%.4f bits_per_byte=%.6f tokens=%d bytes=%d%n",
            loss.getAsDouble(),
            Math.exp(loss.getAsDouble()),
            bits,
            windows.targets(),
            bytes);
    return 0;
  }

  private static long length(TextSource text) throws IOException {
    AtomicLong bytes = new AtomicLong();
    text.copyTo((utf8, offset, length) -> bytes.addAndGet(length));
    return bytes.get();
  }
}
