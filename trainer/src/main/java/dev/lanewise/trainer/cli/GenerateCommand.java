package dev.lanewise.trainer.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.model.io.RegularFile;
import dev.lanewise.trainer.chat.Answer;
import dev.lanewise.trainer.chat.ChatOptions;
import dev.lanewise.trainer.chat.ChatSession;
import dev.lanewise.trainer.cli.jvm.StopSignals;
import dev.lanewise.trainer.generate.Generator;
import dev.lanewise.trainer.generate.SamplingOptions;
import dev.lanewise.trainer.run.KnownModel;
import dev.lanewise.trainer.run.LoadedModel;
import dev.lanewise.trainer.text.TextSource;
import dev.lanewise.trainer.text.conversation.ChatForm;
import dev.lanewise.trainer.text.tokenizer.AddedToken;
import dev.lanewise.trainer.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code lanewise generate}. */
@Command(
    name = "generate",
    description = "Lets a trained model write on from a prompt.",
    footer = {
      "",
      "Examples:",
      "  lanewise generate --model runs/NAME --prompt \"public class \"",
      "  lanewise generate --model runs/will --temperature 0.8 --top-k 40 --seed 7",
      "  lanewise generate --model runs/will --temperature 0",
      "",
      "  lanewise generate --model runs/will --prompt-file letter.txt",
      "  lanewise generate --model runs/tuned --chat --prompt \"Who are you?\"",
      "  lanewise generate --model runs/will --samples 8 --prompt \"Once upon\"",
      "",
      "The prompt is cleaned as text is (UTF-8, line feeds, no control characters).",
      "A model whose tokenizer has an end token stops there. A terminal sees control",
      "characters as pictures, a file or a pipe gets them as they are.",
      "The same model, prompt and options give the same text. The text goes to the",
      "standard output as it is made, what was loaded and how fast it went to the",
      "standard error."
    })
final class GenerateCommand extends WatchedCommand {

  @Mixin private ModelOptions model = new ModelOptions();

  @Option(
      names = "--prompt",
      preprocessor = Verbatim.class,
      paramLabel = "TEXT",
      description =
          "what to go on from, as it is typed, whatever it begins with (default: the beginning of a"
              + " line)")
  private String prompt;

  @Option(
      names = "--prompt-file",
      preprocessor = Verbatim.class,
      paramLabel = "FILE",
      description = "a file in UTF-8 to go on from, or - for the standard input")
  private Path promptFile;

  @Option(
      names = "--special",
      description =
          "names of special tokens in the prompt, such as <|endoftext|>, stand for the tokens;"
              + " otherwise they are ordinary letters")
  private boolean special;

  @Option(
      names = "--chat",
      description =
          "the prompt is a message to a model that was tuned on conversations; its answer is"
              + " written")
  private boolean chat;

  @Option(
      names = "--system",
      preprocessor = Verbatim.class,
      paramLabel = "TEXT",
      description = "with --chat: what the model is told before the message")
  private String system;

  @Option(
      names = "--max-tokens",
      paramLabel = "N",
      description = "tokens to write (default: ${DEFAULT-VALUE})")
  private int maxTokens = 200;

  @Mixin private SamplingArguments sampling = new SamplingArguments();

  @Option(
      names = "--samples",
      paramLabel = "N",
      description =
          "texts to write side by side, with --seed and the seeds after it: each as it would be"
              + " alone, together much faster (default: ${DEFAULT-VALUE})")
  private int samples = 1;

  @Option(
      names = "--lookup",
      description =
          "guess the next tokens from what the text was like before, and check several at once: the"
              + " same text, faster where it repeats itself")
  private boolean lookup;

  @Option(
      names = KeyValueChoice.OPTION,
      paramLabel = "NAME",
      description = KeyValueChoice.DESCRIPTION)
  private KeyValueChoice keyValues = KeyValueChoice.F32;

  @Mixin private InferenceOptions with = new InferenceOptions();

  @Override
  int run(Display display) throws IOException {
    List<String> problems = new ArrayList<>(sampling.problems());
    if (maxTokens < 0) {
      problems.add("--max-tokens " + maxTokens + " has to be at least 0");
    }
    if (samples < 1) {
      problems.add("--samples " + samples + " has to be at least 1");
    }
    if (prompt != null && promptFile != null) {
      problems.add("--prompt and --prompt-file: only one of them can be given");
    }
    problems.addAll(chatProblems());
    problems.addAll(with.problems());
    requireNone(problems);
    String given = readPrompt();
    try (WorkerPool pool = new WorkerPool(with.workers())) {
      return model.checkedWhileRead(
          display,
          known -> {
            generate(known, given, pool, display);
            return ExitCode.OK;
          });
    }
  }

  private void generate(KnownModel known, String given, WorkerPool pool, Display display)
      throws IOException {
    SamplingOptions options = sampling.options();
    InferenceMemory memory =
        new InferenceMemory(spec().name(), pool.size(), Runtime.getRuntime().maxMemory());
    display.tell(new ModelOrigin(known.origin(), known.folder()));
    ChatForm form = chat ? ChatSession.form(known) : null;
    // Before any of it is printed: the prompt may have a character that the model does not know.
    int[] ids =
        chat
            ? ChatSession.question(known.tokenizer(), form, system, given)
            : tokens(known.tokenizer(), given);
    InferenceMemory.Held held = new InferenceMemory.Held(with.held(known), keyValues.precision());
    LoadedModel loaded =
        LoadedModel.forGeneration(
                known,
                with.kernels(),
                with.weights(),
                planned ->
                    memory.requireGeneration(planned, held, samples, (long) ids.length + maxTokens),
                display)
            .withKeyValues(held.keyValues());
    if (chat) {
      ChatOptions once = new ChatOptions(options, maxTokens, Integer.MAX_VALUE);
      answer(new ChatSession(loaded, form, once, pool), given, display);
    } else {
      write(loaded.newGenerator(pool), given, ids, options, display);
    }
  }

  private List<String> chatProblems() {
    List<String> problems = new ArrayList<>();
    if (system != null && !chat) {
      problems.add("--system goes with --chat");
    }
    if (chat && special) {
      problems.add(
          "--special does not go with --chat, where the template alone writes special tokens");
    }
    if (chat && prompt == null && promptFile == null) {
      problems.add("--chat needs a message: --prompt or --prompt-file");
    }
    if (chat && (samples > 1 || lookup)) {
      problems.add("--samples and --lookup do not go with --chat");
    }
    if (chat && maxTokens == 0) {
      problems.add("--max-tokens 0 does not go with --chat");
    }
    return problems;
  }

  /** The prompt, cleaned as text is. */
  private String readPrompt() throws IOException {
    if (promptFile == null) {
      return prompt == null ? "" : TextSource.clean(prompt);
    }
    if (StandardInput.isNamed(promptFile)) {
      return TextSource.read("--prompt-file -, the standard input", System.in);
    }
    if (Files.isDirectory(promptFile)) {
      throw new IOException(promptFile + ": a folder; --prompt-file takes a file");
    }
    try (InputStream in = RegularFile.open(promptFile)) {
      return TextSource.read("--prompt-file " + promptFile, in);
    }
  }

  /** The prompt's ids, behind those that the tokenizer puts before every text. */
  private int[] tokens(Tokenizer tokenizer, String text) {
    return IntStream.concat(
            tokenizer.prefix().stream().mapToInt(id -> id),
            IntStream.of(promptTokens(tokenizer, text)))
        .toArray();
  }

  private int[] promptTokens(Tokenizer tokenizer, String text) {
    if (special) {
      return tokenizer.encodeWithSpecial(text);
    }
    for (AddedToken token : tokenizer.addedTokens()) {
      if (token.special() && text.contains(token.name())) {
        warn(
            "the prompt has the name of the special token %s, which is read as ordinary letters; --special reads it as the token"
                .formatted(token.name()));
      }
    }
    return tokenizer.encode(text);
  }

  private void write(
      Generator generator, String given, int[] ids, SamplingOptions options, Display display) {
    if (ids.length > generator.context()) {
      warn(
          "the prompt has %d tokens, and the model sees %d at once: it goes on from the last %d"
              .formatted(ids.length, generator.context(), generator.context()));
    }
    generator.guessAhead(lookup);
    generator.showProgress(display);
    try (StopSignals signals = StopSignals.catching(() -> {})) {
      BooleanSupplier stop = () -> signals.isCaught() || out().checkError();
      if (samples > 1) {
        new SampleTexts(display, given, SampleTexts.seeds(options, samples))
            .write(generator, ids, maxTokens, stop, isForScripts());
      } else {
        writeOne(generator, given, ids, options, stop, display);
      }
    }
  }

  private void writeOne(
      Generator generator,
      String given,
      int[] ids,
      SamplingOptions options,
      BooleanSupplier stop,
      Display display) {
    // Not before its progress, which is shown in the same line.
    String beginning = isForScripts() ? "" : given;
    StringBuilder text = new StringBuilder();
    GenerationSpeed.Clock clock = new GenerationSpeed.Clock();
    Generator.Result result =
        generator.generate(
            ids,
            maxTokens,
            options,
            stop,
            piece -> {
              clock.piece();
              display.piece(text.isEmpty() ? beginning + piece : piece);
              text.append(piece);
            });
    if (text.isEmpty() && !beginning.isEmpty()) {
      display.piece(beginning);
    }
    GenerationSpeed speed = clock.speed(List.of(result));
    display.result(new Generated(given, text.toString(), result, speed));
    if (!isForScripts() && speed.isAny()) {
      display.tell(speed);
    }
  }

  private void answer(ChatSession session, String given, Display display) {
    session.setSystem(system);
    Answer answer;
    try (StopSignals signals = StopSignals.catching(() -> {})) {
      answer = session.say(given, () -> signals.isCaught() || out().checkError(), display::piece);
    }
    Generator.Result counts =
        new Generator.Result(
            answer.promptTokens(), answer.tokens(), answer.end() == Answer.End.STOPPED);
    display.result(new Generated(given, answer.text(), counts, null));
  }

  /** What came out, and how fast if it is known. */
  private record Generated(
      String prompt, String generated, Generator.Result counts, GenerationSpeed speed)
      implements Message {

    @Override
    public String type() {
      return "result";
    }

    /** People have read it as it came; this ends its last line. */
    @Override
    public String text() {
      return "";
    }

    @Override
    public void write(JsonGenerator json) throws IOException {
      json.writeStringField("command", "generate");
      json.writeStringField("prompt", prompt);
      json.writeStringField("text", generated);
      json.writeNumberField("prompt_tokens", counts.promptTokens());
      json.writeNumberField("tokens", counts.tokens());
      json.writeBooleanField("stopped", counts.stopped());
      if (speed != null) {
        speed.write(json);
      }
    }
  }
}
