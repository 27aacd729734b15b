package dev.lanewise.trainer.generate;

import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.kernels.KernelSet;
import dev.lanewise.kernels.Precision;
import dev.lanewise.model.Decoder;
import dev.lanewise.model.Transformer;
import dev.lanewise.model.memory.WeightPanels;
import dev.lanewise.trainer.progress.Phase;
import dev.lanewise.trainer.progress.Progress;
import dev.lanewise.trainer.text.TextSource;
import dev.lanewise.trainer.text.tokenizer.StreamingDecoder;
import dev.lanewise.trainer.text.tokenizer.Tokenizer;
import dev.lanewise.trainer.text.tokenizer.UnknownCharacterException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/**
 * Continues a prompt, which is cleaned as text is (see {@link TextSource}). The text is a function
 * of weights, prompt and options.
 *
 * <p>An end token, the tokenizer's or another of the model's, ends the text and is not part of it.
 *
 * <p>The model sees the last tokens only, as many as its context holds. Of a longer prompt it sees
 * the end. When the context is full, its newer half stays and the older half is forgotten; what
 * stays has other positions, and so other keys and values, which are computed beside the text
 * before they are needed.
 *
 * <p>Several texts can be written side by side, which share each reading of the weights. Each is
 * the one that its options give alone.
 *
 * <p>Not thread-safe: holds the memory of its texts.
 */
public final class Generator {

  /** Most texts side by side; others begin when one of them ends. */
  public static final int MOST_TEXTS = SideBySide.MOST;

  private final KernelSet kernels;
  private final Tokenizer tokenizer;
  private final Set<Integer> endTokens;
  private final int vocabularySize;
  private final Decoder decoder;
  private final ContextWindow window;
  private boolean guessing;
  private Progress progress = Progress.SILENT;

  /** What came of it. */
  public record Result(int promptTokens, int tokens, boolean stopped) {

    /**
     * Counts a text.
     *
     * @param promptTokens tokens of the prompt; 1 for an empty one, see {@link #startToken}
     * @param tokens tokens after the prompt
     * @param stopped whether the stop check ended it before the limit
     */
    public Result {}
  }

  /** Makes a generator for a model without end tokens but the tokenizer's. */
  public Generator(
      Transformer transformer,
      KernelSet kernels,
      ParameterStore weights,
      WeightPanels panels,
      Tokenizer tokenizer,
      WorkerPool pool) {
    this(transformer, kernels, weights, panels, Precision.F32, tokenizer, Set.of(), pool);
  }

  /**
   * Makes a generator.
   *
   * @param transformer its vocabulary may be larger than the tokenizer's, as one that was rounded
   *     up to a multiple of 64 is: ids that the tokenizer does not have are never chosen
   * @param weights shared, not copied: what they are at a call is what it generates with
   * @param panels the same weights packed
   * @param keyValues in which precision keys and values are kept, F32 or BF16; each gives a text of
   *     its own
   * @param endTokens ids that end a text, besides the tokenizer's own
   * @param pool works on each token, so it must be free while this generates
   */
  public Generator(
      Transformer transformer,
      KernelSet kernels,
      ParameterStore weights,
      WeightPanels panels,
      Precision keyValues,
      Tokenizer tokenizer,
      Set<Integer> endTokens,
      WorkerPool pool) {
    if (transformer.config().vocabularySize() < tokenizer.vocabularySize()) {
      throw new IllegalArgumentException(
          "the model has a vocabulary of %d tokens, the tokenizer one of %d"
              .formatted(transformer.config().vocabularySize(), tokenizer.vocabularySize()));
    }
    this.kernels = kernels;
    this.tokenizer = tokenizer;
    Set<Integer> all = new HashSet<>(endTokens);
    tokenizer.endToken().ifPresent(all::add);
    this.endTokens = Set.copyOf(all);
    this.vocabularySize = transformer.config().vocabularySize();
    this.decoder = transformer.newDecoder(weights, panels, keyValues, pool);
    this.window = new ContextWindow(decoder, decoder.text());
  }

  /**
   * Sets whether tokens are guessed from what the text was like before, and the model is asked
   * about several of them at once. The text is the same. It is faster where a text repeats itself,
   * and hardly slower elsewhere: only guesses are made that pay by the time that passes take here.
   */
  public void guessAhead(boolean guess) {
    this.guessing = guess;
  }

  /** Sets who is told how far a prompt has gone through the model. */
  public void showProgress(Progress of) {
    this.progress = of;
  }

  /**
   * Returns what an empty prompt is taken for, because a model needs a token to continue: a line
   * feed, so that the text begins as a line does; id 0 if the tokenizer has no line feed of its
   * own. It is not part of the text, nor is a space that the tokenizer puts before it.
   */
  public static int startToken(Tokenizer tokenizer) {
    try {
      int[] ids = tokenizer.encode("\n");
      int last = ids.length == 0 ? 0 : ids[ids.length - 1];
      boolean isLineFeed = tokenizer.tokenBytes(last).length == 1;
      return ids.length == 1 || isLineFeed ? last : 0;
    } catch (UnknownCharacterException e) {
      return 0;
    }
  }

  /** As {@link #generate(String, int, SamplingOptions, BooleanSupplier, Consumer)}, at once. */
  public String generate(String prompt, int maxTokens, SamplingOptions options) {
    StringBuilder text = new StringBuilder();
    generate(prompt, maxTokens, options, () -> false, text::append);
    return text.toString();
  }

  /**
   * Continues a prompt.
   *
   * @param maxTokens how many tokens to generate
   * @param stop asked before each token is worked on; true ends the text
   * @param out receives the text as it comes, without the prompt, in whole characters
   * @throws UnknownCharacterException if the prompt has a character that the tokenizer does not
   *     know
   * @throws NonFiniteLogitsException if the weights do not give finite logits
   */
  public Result generate(
      String prompt,
      int maxTokens,
      SamplingOptions options,
      BooleanSupplier stop,
      Consumer<String> out) {
    int[] ids = tokenizer.encode(TextSource.clean(prompt));
    IntStream all =
        IntStream.concat(tokenizer.prefix().stream().mapToInt(i -> i), IntStream.of(ids));
    return generate(all.toArray(), maxTokens, options, stop, out);
  }

  /**
   * As {@link #generate(String, int, SamplingOptions, BooleanSupplier, Consumer)}, from ids.
   *
   * @param prompt ids of the tokenizer; none stands for {@link #startToken}
   * @throws IllegalArgumentException if one is outside the tokenizer's vocabulary
   */
  public Result generate(
      int[] prompt,
      int maxTokens,
      SamplingOptions options,
      BooleanSupplier stop,
      Consumer<String> out) {
    StreamingDecoder text = tokenizer.decoderAfter(prompt);
    Result result =
        generateTokens(prompt, maxTokens, options, stop, id -> emit(text.accept(id), out));
    emit(text.finish(), out);
    return result;
  }

  /** Receives several texts as they come. */
  @FunctionalInterface
  public interface TextListener {

    /**
     * A text goes on.
     *
     * @param text its number
     * @param piece whole characters
     */
    void piece(int text, String piece);
  }

  /**
   * Continues a prompt several times side by side: the texts of {@link #generate(int[], int,
   * SamplingOptions, BooleanSupplier, Consumer)} with each of the options, in less time.
   *
   * @param options of each text, as a rule with seeds of their own
   * @return what came of each
   */
  public List<Result> generate(
      int[] prompt,
      int maxTokens,
      List<SamplingOptions> options,
      BooleanSupplier stop,
      TextListener out) {
    List<StreamingDecoder> texts =
        options.stream().map(each -> tokenizer.decoderAfter(prompt)).toList();
    List<Result> results =
        generateTokens(
            prompt,
            maxTokens,
            options,
            stop,
            (text, id) -> emit(texts.get(text).accept(id), piece -> out.piece(text, piece)));
    for (int i = 0; i < texts.size(); i++) {
      int text = i;
      emit(texts.get(text).finish(), piece -> out.piece(text, piece));
    }
    return results;
  }

  /**
   * Continues a prompt, tokens in and tokens out. An end token ends it and is not passed on.
   *
   * @param prompt ids of the tokenizer; none stands for {@link #startToken}
   * @param out receives each token as it is chosen, the prompt's not
   * @throws IllegalArgumentException if an id of the prompt is outside the tokenizer's vocabulary
   * @throws NonFiniteLogitsException if the weights do not give finite logits
   */
  public Result generateTokens(
      int[] prompt, int maxTokens, SamplingOptions options, BooleanSupplier stop, IntConsumer out) {
    decoder.reset();
    return continueTokens(prompt, maxTokens, options, stop, out);
  }

  /**
   * As {@link #generateTokens}, with the same text. As far as the prompt begins as the last text
   * (its prompt and what was generated) did, nothing is computed again: so a conversation costs
   * only what is new in it. The weights have to be those of the last text.
   */
  public Result continueTokens(
      int[] prompt, int maxTokens, SamplingOptions options, BooleanSupplier stop, IntConsumer out) {
    TokenListener listener = (text, id) -> out.accept(id);
    return write(prompt, maxTokens, List.of(options), stop, listener).getFirst();
  }

  /** Receives the tokens of several texts. */
  @FunctionalInterface
  public interface TokenListener {

    /**
     * A token of a text was chosen.
     *
     * @param text its number
     */
    void token(int text, int id);
  }

  /**
   * Continues a prompt several times side by side, tokens in and tokens out: as {@link
   * #generateTokens} with each of the options, in less time.
   *
   * @param options of each text, as a rule with seeds of their own
   * @return what came of each
   */
  public List<Result> generateTokens(
      int[] prompt,
      int maxTokens,
      List<SamplingOptions> options,
      BooleanSupplier stop,
      TokenListener out) {
    decoder.reset();
    return write(prompt, maxTokens, options, stop, out);
  }

  private List<Result> write(
      int[] prompt,
      int maxTokens,
      List<SamplingOptions> options,
      BooleanSupplier stop,
      TokenListener out) {
    int[] ids = prompt.length == 0 ? new int[] {startToken(tokenizer)} : prompt.clone();
    requireKnown(ids);
    window.forgetNext();
    float[] logits = maxTokens == 0 ? null : readPrompt(ids, stop);
    if (logits == null) {
      Result none = new Result(ids.length, 0, maxTokens > 0);
      return Collections.nCopies(options.size(), none);
    }
    SideBySide together = new SideBySide(decoder, vocabularySize, stop);
    List<Writing> all = new ArrayList<>();
    while (all.size() < options.size() || !together.isEmpty()) {
      while (together.hasRoom() && all.size() < options.size()) {
        int text = all.size();
        // All others begin with a copy; the last needs none.
        ContextWindow own = text == options.size() - 1 ? window : window.another();
        TokenSampler sampler =
            new TokenSampler(kernels, tokenizer.vocabularySize(), options.get(text));
        Guesses guesses = guessing ? new Guesses() : null;
        Writing writing =
            new Writing(
                own, sampler, guesses, endTokens, ids, maxTokens, id -> out.token(text, id));
        all.add(writing);
        together.begin(writing, logits);
      }
      together.pass();
    }
    return all.stream().map(Writing::result).toList();
  }

  /**
   * Takes a prompt through the model, as much of it as fits, but for what the window has of it.
   *
   * @return the logits of the token behind it; null if it was stopped
   */
  private float[] readPrompt(int[] ids, BooleanSupplier stop) {
    int first = Math.max(0, ids.length - window.capacity());
    window.rewind(keptTokens(ids));
    int total = ids.length - first - window.length();
    boolean shows = total > decoder.maxRows();
    for (int done = 0; ; ) {
      if (stop.getAsBoolean()) {
        return null;
      }
      if (shows) {
        progress.at(Phase.PROMPT, done, total);
      }
      int rows = Math.min(total - done, decoder.maxRows());
      window.add(ids, first + window.length(), rows);
      done += rows;
      if (done == total) {
        float[] logits = decoder.runForLast();
        if (shows) {
          progress.at(Phase.PROMPT, total, total);
        }
        return logits;
      }
      decoder.run(0);
    }
  }

  /**
   * How many tokens of a prompt {@link #continueTokens} would not compute again. Never all of them:
   * the logits of the last are needed.
   */
  public int keptTokens(int[] prompt) {
    int first = Math.max(0, prompt.length - window.capacity());
    return window.common(prompt, first, Math.max(0, prompt.length - first - 1));
  }

  private void requireKnown(int[] ids) {
    for (int id : ids) {
      if (id < 0 || id >= tokenizer.vocabularySize()) {
        throw new IllegalArgumentException(
            "token id %d of the prompt is outside the vocabulary, 0 to %d"
                .formatted(id, tokenizer.vocabularySize() - 1));
      }
    }
  }

  /** How many tokens the model sees at once: of a longer prompt, the last ones. */
  public int context() {
    return window.capacity();
  }

  private static void emit(String piece, Consumer<String> out) {
    if (!piece.isEmpty()) {
      out.accept(piece);
    }
  }
}
