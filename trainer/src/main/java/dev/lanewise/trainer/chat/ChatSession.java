package dev.lanewise.trainer.chat;

import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.kernels.vector.VectorKernels;
import dev.lanewise.model.io.Counted;
import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.trainer.generate.Generator;
import dev.lanewise.trainer.run.KnownModel;
import dev.lanewise.trainer.run.LoadedModel;
import dev.lanewise.trainer.text.TextSource;
import dev.lanewise.trainer.text.conversation.ChatForm;
import dev.lanewise.trainer.text.conversation.Document;
import dev.lanewise.trainer.text.conversation.InvalidDocumentException;
import dev.lanewise.trainer.text.conversation.PromptTokens;
import dev.lanewise.trainer.text.tokenizer.AddedToken;
import dev.lanewise.trainer.text.tokenizer.StreamingDecoder;
import dev.lanewise.trainer.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * A conversation with a model, which its own chat template writes. The answers are a function of
 * the weights, the messages and the options.
 *
 * <p>The model sees the system message and the newest turns, as many as its context holds. When
 * they become too many, the oldest leave until a quarter of the context is free, so that not every
 * turn makes others leave. A quarter is also what is kept free for an answer, or less if answers
 * are shorter.
 *
 * <p>Keys and values stay from turn to turn: of a conversation that goes on, only what is new is
 * computed. They take memory of their own for each session, while the weights are shared by all
 * sessions of a {@link LoadedModel}.
 *
 * <p>Not thread-safe: one thread at a time. Sessions on the same {@link WorkerPool} answer one
 * after another. The check for a stop may look at what another thread has written.
 */
public final class ChatSession implements AutoCloseable {
  private static final int SHARE_FREE = 4;

  private final ChatOptions options;
  private final Tokenizer tokenizer;
  private final Set<Integer> special;
  private final PromptTokens prompts;
  private final Generator generator;
  private final int context;
  private final WorkerPool own;
  private final List<Turn> turns = new ArrayList<>();
  private String system;
  private int firstSeen;

  /**
   * Opens a model as {@code lanewise chat} does: on all processors, with vector kernels.
   *
   * @param folder a run, a checkpoint, or a model in Hugging Face's form
   * @throws IOException that names the file and what is wrong with it
   */
  public static ChatSession open(Path folder) throws IOException {
    return open(folder, ChatOptions.STANDARD);
  }

  /** As {@link #open(Path)}, with options. */
  public static ChatSession open(Path folder, ChatOptions options) throws IOException {
    WorkerPool pool = new WorkerPool(Runtime.getRuntime().availableProcessors());
    try {
      LoadedModel model = LoadedModel.forGeneration(folder, VectorKernels.create());
      return new ChatSession(model, form(model.folder(), model.tokenizer()), options, pool, pool);
    } catch (IOException | RuntimeException | Error e) {
      pool.close();
      throw e;
    }
  }

  /**
   * Begins a conversation with a model that others may use too.
   *
   * @param form as {@link #form} finds it
   * @param pool works on each token, so it must be free while this answers; it is not closed
   */
  public ChatSession(LoadedModel model, ChatForm form, ChatOptions options, WorkerPool pool) {
    this(model, form, options, pool, null);
  }

  private ChatSession(
      LoadedModel model, ChatForm form, ChatOptions options, WorkerPool pool, WorkerPool own) {
    this.options = options;
    this.tokenizer = model.tokenizer();
    this.special =
        tokenizer.addedTokens().stream()
            .filter(AddedToken::special)
            .map(AddedToken::id)
            .collect(Collectors.toUnmodifiableSet());
    this.prompts = new PromptTokens(tokenizer, form);
    this.generator = model.newGenerator(pool, prompts.answerEnds());
    this.context = Math.min(options.context(), generator.context());
    this.own = own;
  }

  /**
   * Finds how a model's conversations are written.
   *
   * @throws InvalidFileException if the model has no chat template and its tokenizer does not fit
   *     one that is built in, or if the template cannot be used
   */
  public static ChatForm form(Path folder, Tokenizer tokenizer) throws IOException {
    ChatForm form = ChatForm.of(folder, tokenizer);
    if (!form.isThere()) {
      throw new InvalidFileException(
          folder,
          "",
          "this model cannot chat: it has no chat template (chat_template.jinja, or chat_template in tokenizer_config.json), and its tokenizer does not have the special tokens of one that is built in (ChatML, Llama 3). Take a model that was tuned on conversations, or let this one write on with lanewise generate");
    }
    return form;
  }

  /** As {@link #form(Path, Tokenizer)}. */
  public static ChatForm form(KnownModel model) throws IOException {
    return form(model.folder(), model.tokenizer());
  }

  /**
   * Returns what a model sees of the first message of a conversation, as {@link #say} asks it.
   *
   * @param system what the model is told before, or null
   * @throws RefusedMessageException if the template refuses it
   */
  public static int[] question(Tokenizer tokenizer, ChatForm form, String system, String message) {
    return ids(
        new PromptTokens(tokenizer, form),
        Turn.messages(cleanSystem(system), List.of(), TextSource.clean(message)));
  }

  /**
   * Says something and returns the answer.
   *
   * @param pieces receives the answer as it comes, in whole characters
   * @throws RefusedMessageException if it is too long or the template refuses it
   */
  public Answer say(String message, Consumer<String> pieces) {
    return say(message, () -> false, pieces);
  }

  /**
   * As {@link #say(String, Consumer)}. An answer that was stopped stays in the conversation as far
   * as it came; if there is none of it, the message does not stay either.
   *
   * @param stop asked before each token is worked on; true ends the answer
   */
  public Answer say(String message, BooleanSupplier stop, Consumer<String> pieces) {
    String clean = TextSource.clean(message);
    int room = Math.max(1, Math.min(options.maxTokens(), context / SHARE_FREE));
    int first = firstSeen;
    int[] prompt = prompt(first, clean);
    if (prompt.length + room > context) {
      while (first < turns.size() && prompt.length > context - context / SHARE_FREE) {
        prompt = prompt(++first, clean);
      }
      requireFits(prompt.length, room);
    }
    int kept = generator.keptTokens(prompt);
    int most = Math.min(options.maxTokens(), context - prompt.length);
    StringBuilder text = new StringBuilder();
    Generator.Result result =
        answer(
            prompt,
            most,
            stop,
            piece -> {
              text.append(piece);
              pieces.accept(piece);
            });
    int left = first - firstSeen;
    firstSeen = first;
    Answer.End end = end(result, most);
    if (end != Answer.End.STOPPED || !text.isEmpty()) {
      turns.add(new Turn(clean, text.toString()));
    }
    return new Answer(text.toString(), end, prompt.length, kept, result.tokens(), left);
  }

  private int[] prompt(int first, String message) {
    return ids(prompts, Turn.messages(system, turns.subList(first, turns.size()), message));
  }

  private static int[] ids(PromptTokens prompts, List<Map<String, Object>> messages) {
    try {
      return prompts.of(Document.Conversation.of(messages));
    } catch (InvalidDocumentException e) {
      throw new RefusedMessageException(e.field() + ": " + e.getMessage(), e);
    }
  }

  private void requireFits(int length, int room) {
    if (length + room > context) {
      throw new RefusedMessageException(
          "this message is too long: with the system message it has %s, the model sees %d, and %d of these are for the answer"
              .formatted(Counted.of(length, "token"), context, room));
    }
  }

  private Generator.Result answer(
      int[] prompt, int most, BooleanSupplier stop, Consumer<String> pieces) {
    StreamingDecoder decoder = tokenizer.decoderAfter(prompt);
    Generator.Result result =
        generator.continueTokens(
            prompt,
            most,
            options.sampling(),
            stop,
            id -> {
              if (!special.contains(id)) {
                emit(decoder.accept(id), pieces);
              }
            });
    emit(decoder.finish(), pieces);
    return result;
  }

  private static void emit(String piece, Consumer<String> pieces) {
    if (!piece.isEmpty()) {
      pieces.accept(piece);
    }
  }

  private Answer.End end(Generator.Result result, int most) {
    if (result.stopped()) {
      return Answer.End.STOPPED;
    }
    if (result.tokens() < most) {
      return Answer.End.TURN;
    }
    return most == options.maxTokens() ? Answer.End.MAX_TOKENS : Answer.End.CONTEXT;
  }

  /** Sets what the model is told before the conversation; null or blank for nothing. */
  public void setSystem(String message) {
    system = cleanSystem(message);
  }

  private static String cleanSystem(String message) {
    String clean = message == null ? "" : TextSource.clean(message);
    return clean.isBlank() ? null : clean;
  }

  /** What the model is told before the conversation, or null. */
  public String system() {
    return system;
  }

  /** Begins anew; the system message stays. */
  public void reset() {
    turns.clear();
    firstSeen = 0;
  }

  /** All that was said, also what the model sees no more. */
  public Document.Conversation conversation() {
    return Document.Conversation.of(Turn.messages(system, turns, null));
  }

  /** How many tokens the model sees at most, those of its answer among them. */
  public int context() {
    return context;
  }

  /** Ends the threads of a session that {@link #open} made. */
  @Override
  public void close() {
    if (own != null) {
      own.close();
    }
  }
}
