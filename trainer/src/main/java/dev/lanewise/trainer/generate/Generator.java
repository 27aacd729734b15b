package dev.lanewise.trainer.generate;

import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.kernels.KernelSet;
import dev.lanewise.model.Decoder;
import dev.lanewise.model.Transformer;
import dev.lanewise.model.memory.WeightPanels;
import dev.lanewise.trainer.text.TextSource;
import dev.lanewise.trainer.text.tokenizer.StreamingDecoder;
import dev.lanewise.trainer.text.tokenizer.Tokenizer;
import dev.lanewise.trainer.text.tokenizer.UnknownCharacterException;
import java.util.Arrays;
import java.util.HashSet;
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
 * the end. When the context is full, its newer half stays and the older half is forgotten: the keys
 * and values of the tokens that stay are computed again at their new positions, which costs half a
 * context of work once for every half context of text.
 *
 * <p>Not thread-safe: holds the memory of one text.
 */
public final class Generator {

  private static final int NO_ID = -1;

  private final KernelSet kernels;
  private final Tokenizer tokenizer;
  private final Set<Integer> endTokens;
  private final Decoder decoder;
  private final int[] window;

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
    this(transformer, kernels, weights, panels, tokenizer, Set.of(), pool);
  }

  /**
   * Makes a generator.
   *
   * @param transformer its vocabulary may be larger than the tokenizer's, as one that was rounded
   *     up to a multiple of 64 is: ids that the tokenizer does not have are never chosen
   * @param weights shared, not copied: what they are at a call is what it generates with
   * @param panels the same weights packed
   * @param endTokens ids that end a text, besides the tokenizer's own
   * @param pool works on each token, so it must be free while this generates
   */
  public Generator(
      Transformer transformer,
      KernelSet kernels,
      ParameterStore weights,
      WeightPanels panels,
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
    this.decoder = transformer.newDecoder(weights, panels, pool);
    this.window = new int[decoder.context()];
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
    int[] ids = prompt.length == 0 ? new int[] {startToken(tokenizer)} : prompt.clone();
    requireKnown(ids);
    TokenSampler sampler = new TokenSampler(kernels, tokenizer.vocabularySize(), options);
    int tokens = 0;
    int next = NO_ID;
    int first = Math.max(0, ids.length - window.length);
    decoder.rewind(keptTokens(ids));
    int fed = first + decoder.position();
    while (tokens < maxTokens) {
      if (stop.getAsBoolean()) {
        return new Result(ids.length, tokens, true);
      }
      float[] logits = accept(next == NO_ID ? ids[fed++] : next);
      if (fed < ids.length) {
        continue;
      }
      next = sampler.sample(logits, (long) ids.length + tokens);
      if (endTokens.contains(next)) {
        break;
      }
      tokens++;
      out.accept(next);
    }
    return new Result(ids.length, tokens, false);
  }

  /**
   * How many tokens of a prompt {@link #continueTokens} would not compute again. Never all of them:
   * the logits of the last are needed.
   */
  public int keptTokens(int[] prompt) {
    int first = Math.max(0, prompt.length - window.length);
    int most = Math.max(0, Math.min(decoder.position(), prompt.length - first - 1));
    int kept = Arrays.mismatch(window, 0, most, prompt, first, first + most);
    return kept < 0 ? most : kept;
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
    return window.length;
  }

  private static void emit(String piece, Consumer<String> out) {
    if (!piece.isEmpty()) {
      out.accept(piece);
    }
  }

  /** Puts a token into the context, making room if need be. */
  private float[] accept(int id) {
    if (decoder.position() == window.length) {
      int kept = window.length / 2;
      System.arraycopy(window, window.length - kept, window, 0, kept);
      decoder.reset();
      for (int i = 0; i < kept; i++) {
        decoder.accept(window[i]);
      }
    }
    window[decoder.position()] = id;
    return decoder.accept(id);
  }
}
