package dev.lanewise.trainer.cli;

import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.model.Transformer;
import dev.lanewise.trainer.chat.ChatOptions;
import dev.lanewise.trainer.chat.ChatSession;
import dev.lanewise.trainer.cli.jvm.InterruptSignals;
import dev.lanewise.trainer.progress.LateLogger;
import dev.lanewise.trainer.run.KnownModel;
import dev.lanewise.trainer.run.LoadedModel;
import dev.lanewise.trainer.text.conversation.ChatForm;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code lanewise chat}. */
@Command(
    name = "chat",
    description = "Talks with a model that was tuned on conversations.",
    footer = {
      "",
      "Examples:",
      "  lanewise chat --model runs/mine",
      "  lanewise chat --model runs/mine --system \"Answer in one sentence.\"",
      "  lanewise chat --model runs/mine --temperature 0 < ask.txt > answers.txt",
      "",
      "On a terminal, lines can be edited; \\ at its end, or Alt-Enter, goes on in a",
      "new line. Ctrl-C stops an answer, or takes away the line; at an empty line it",
      "ends the chat. Elsewhere each line of the standard input is a message, and the",
      "answers alone go to the standard output. Commands:",
      "",
      "  /system TEXT  what the model is told before the conversation",
      "  /reset        begin anew; the system message stays",
      "  /save FILE    add the conversation to FILE, for lanewise train --data",
      "  /help, /quit"
    })
final class ChatCommand extends WatchedCommand {

  private static final LateLogger LOG = new LateLogger(ChatCommand.class);
  private static final int LEAST_BY_DEFAULT = 2048;

  @Mixin private ModelOptions model = new ModelOptions();

  @Option(
      names = "--system",
      preprocessor = Verbatim.class,
      paramLabel = "TEXT",
      description = "what the model is told before the conversation")
  private String system;

  @Option(
      names = "--max-tokens",
      paramLabel = "N",
      description = "most tokens of an answer (default: ${DEFAULT-VALUE})")
  private int maxTokens = ChatOptions.STANDARD.maxTokens();

  @Option(
      names = "--context",
      paramLabel = "N",
      description =
          "most tokens of the conversation that the model sees (default: what it can, if that fits"
              + " into memory)")
  private Integer context;

  @Mixin private SamplingArguments sampling = new SamplingArguments();

  @Option(
      names = KeyValueChoice.OPTION,
      paramLabel = "NAME",
      description = KeyValueChoice.DESCRIPTION)
  private KeyValueChoice keyValues = KeyValueChoice.F32;

  @Mixin private InferenceOptions with = new InferenceOptions();

  @Override
  int run(Display display) throws IOException {
    List<String> problems = new ArrayList<>(sampling.problems());
    problems.addAll(ChatOptions.problems(maxTokens, context == null ? Integer.MAX_VALUE : context));
    problems.addAll(with.problems());
    requireNone(problems);
    try (WorkerPool pool = new WorkerPool(with.workers())) {
      ChatSession session = model.checkedWhileRead(display, known -> session(known, pool, display));
      session.setSystem(system);
      return chat(session, display);
    }
  }

  private ChatSession session(KnownModel known, WorkerPool pool, Display display)
      throws IOException {
    // Before weights are read, which may take long.
    ChatForm form = ChatSession.form(known);
    display.tell(new ModelOrigin(known.origin(), known.folder()));
    InferenceMemory memory =
        new InferenceMemory(spec().name(), pool.size(), Runtime.getRuntime().maxMemory());
    int[] seen = new int[1];
    InferenceMemory.Held held = new InferenceMemory.Held(with.held(known), keyValues.precision());
    LoadedModel loaded =
        LoadedModel.forGeneration(
                known,
                with.kernels(),
                with.weights(),
                planned -> seen[0] = requireContext(planned, held, memory),
                display)
            .withKeyValues(held.keyValues());
    ChatOptions options = new ChatOptions(sampling.options(), maxTokens, seen[0]);
    return new ChatSession(loaded, form, options, pool);
  }

  /** The tokens that the model is to see, whose keys and values fit into memory. */
  private int requireContext(
      Transformer planned, InferenceMemory.Held held, InferenceMemory memory) {
    int most = planned.config().contextLength();
    int seen = context == null ? most : Math.min(context, most);
    while (context == null && seen / 2 >= LEAST_BY_DEFAULT && !memory.allows(planned, held, seen)) {
      seen /= 2;
    }
    memory.requireGeneration(planned, held, 1, seen);
    if (seen < most && context == null) {
      hint(
          "the model could see %d tokens; in this memory it sees %d (--context says otherwise)"
              .formatted(most, seen));
    }
    return seen;
  }

  private int chat(ChatSession session, Display display) throws IOException {
    try (InterruptSignals signals = InterruptSignals.catching();
        ChatInput input = input(signals, display)) {
      ChatLoop loop = new ChatLoop(session, input, signals, display, () -> out().checkError());
      ChatLoop.Totals totals = loop.run();
      if (isForScripts()) {
        display.result(totals);
      }
      boolean isLost = totals.refused() > 0 && !(input instanceof LineEditor);
      return isLost ? ExitCode.SOFTWARE : ExitCode.OK;
    }
  }

  private ChatInput input(InterruptSignals signals, Display display) {
    if (isForScripts() || !TextDisplay.isTerminal()) {
      return new LineInput(System.in, () -> {});
    }
    display.tell(new ChatLoop.Told("Type a message, or /help. Ctrl-C stops an answer."));
    if (TextDisplay.drawsHere()) {
      try {
        return LineEditor.ofProcess(signals);
      } catch (IOException | IllegalStateException e) {
        LOG.debug("lines cannot be edited", e);
      }
    }
    return new LineInput(
        System.in,
        () -> {
          out().print(LineEditor.PROMPT);
          out().flush();
        });
  }
}
