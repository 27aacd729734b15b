package dev.lanewise.trainer.text.tokenizer.bytepair;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingRegistry;
import com.knuddels.jtokkit.api.EncodingType;
import com.knuddels.jtokkit.api.GptBytePairEncodingParams;
import dev.lanewise.trainer.fixture.Texts;
import dev.lanewise.trainer.fixture.Tokenizers;
import dev.lanewise.trainer.text.tokenizer.ByteAlphabet;
import dev.lanewise.trainer.text.tokenizer.StreamingDecoder;
import dev.lanewise.trainer.text.tokenizer.TokenEncoder;
import dev.lanewise.trainer.text.tokenizer.TokenSink;
import dev.lanewise.trainer.text.tokenizer.Tokenizer;
import dev.lanewise.trainer.text.tokenizer.Utf8;
import dev.lanewise.trainer.text.tokenizer.merge.MergeTable;
import java.io.IOException;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class BytePairTokenizerTest {

  private static final BytePairTokenizer GPT2 = BytePairTokenizer.gpt2();
  private static final Encoding JTOKKIT_GPT2 =
      Encodings.newLazyEncodingRegistry().getEncoding(EncodingType.R50K_BASE);
  private static final BytePairTokenizer TRAINED =
      Tokenizers.bytePairs(Texts.SAMPLE.repeat(2), 450);
  private static final Encoding JTOKKIT_TRAINED = jtokkit(TRAINED);

  @Provide
  Arbitrary<String> tricky() {
    return Texts.tricky();
  }

  @Provide
  Arbitrary<String> any() {
    return Texts.any();
  }

  @Test
  void knowsGpt2() {
    assertThat(GPT2.vocabularySize()).isEqualTo(50257);
    assertThat(GPT2.encode("Hello world")).containsExactly(15496, 995);
    assertThat(new String(GPT2.tokenBytes(50256), UTF_8)).isEqualTo("<|endoftext|>");
    assertThat(GPT2.decode(new int[] {15496, 50256})).isEqualTo("Hello<|endoftext|>");
    assertThat(GPT2.encode("<|endoftext|>")).doesNotContain(50256);
  }

  @Property
  void encodesAsJtokkitWithGpt2sTable(@ForAll("tricky") String text) {
    assertThat(GPT2.encode(text)).isEqualTo(JTOKKIT_GPT2.encodeOrdinary(text).toArray());
  }

  @Test
  void encodesProseAsJtokkitWithGpt2sTable() {
    String text =
        Texts.SAMPLE
            + " internationalization".repeat(20)
            + "-".repeat(500)
            + Texts.SAMPLE.replaceAll("\\s", "");
    assertThat(GPT2.encode(text)).isEqualTo(JTOKKIT_GPT2.encodeOrdinary(text).toArray());
  }

  @Property
  void encodesAsJtokkitWithATrainedTable(@ForAll("tricky") String text) {
    String more = text + Texts.SAMPLE.substring(text.length() % 100, 150);
    assertThat(TRAINED.encode(more)).isEqualTo(JTOKKIT_TRAINED.encodeOrdinary(more).toArray());
  }

  /** Any table, also one that no training makes, against the definition. */
  @Property(tries = 300)
  void encodesByTheDefinition(
      @ForAll @IntRange(max = 1_000_000) int seed,
      @ForAll @IntRange(min = 1, max = 300) int length) {
    Random random = new Random(seed);
    List<NaiveBytePairs.Pair> merges = NaiveBytePairs.train(letters(random, 400), 40);
    BytePairTokenizer tokenizer = NaiveBytePairs.tokenizer(merges);
    String text = letters(random, length);
    assertThat(tokenizer.encode(text)).isEqualTo(NaiveBytePairs.encode(text, merges));
  }

  private static String letters(Random random, int length) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      text.append((char) ('a' + random.nextInt(3)));
    }
    return text.toString();
  }

  @Test
  void encodesLongPiecesQuicklyAndRight() {
    // Longer than jtokkit's and our own limit for the plain search, and a power of nothing.
    String text = letters(new Random(7), 20_011);
    List<NaiveBytePairs.Pair> merges = NaiveBytePairs.train(text.substring(0, 1000), 100);
    assertThat(NaiveBytePairs.tokenizer(merges).encode(text))
        .isEqualTo(NaiveBytePairs.encode(text, merges));
  }

  @Property
  void decodingGivesTheTextBack(@ForAll("any") String text) {
    assertThat(TRAINED.decode(TRAINED.encode(text))).isEqualTo(Texts.withoutLoneSurrogates(text));
  }

  @Property
  void streamingGivesTheSameIds(
      @ForAll("any") String text, @ForAll @IntRange(min = 1, max = 9) int chunk)
      throws IOException {
    assertThat(stream(TRAINED, Utf8.bytes(text), chunk)).isEqualTo(TRAINED.encode(text));
  }

  @Test
  void streamingManyDifferentWordsGivesTheSameIds() throws IOException {
    // More words than the cache remembers, most of them twice.
    String text =
        IntStream.range(0, 150_000)
            .mapToObj(i -> " w" + Integer.toString(i % 100_000, 26).replaceAll("\\d", "y"))
            .reduce(new StringBuilder(), StringBuilder::append, StringBuilder::append)
            .toString();
    int[] streamed = stream(TRAINED, text.getBytes(UTF_8), 100_000);
    assertThat(streamed).isEqualTo(JTOKKIT_TRAINED.encodeOrdinary(text).toArray());
  }

  @Test
  void anEncoderCanBeUsedForOneTextAfterAnother() throws IOException {
    Ids ids = new Ids();
    TokenEncoder encoder = TRAINED.encoder(ids);
    for (int i = 0; i < 2; i++) {
      encoder.write("sum ".getBytes(UTF_8), 0, 4);
      encoder.finish();
    }
    int[] once = TRAINED.encode("sum ");
    assertThat(ids.toArray()).startsWith(once).endsWith(once).hasSize(2 * once.length);
  }

  @Provide
  Arbitrary<int[]> ids() {
    return Arbitraries.integers()
        .between(0, TRAINED.vocabularySize() - 1)
        .array(int[].class)
        .ofMaxSize(30);
  }

  @Property
  void idsOneByOneGiveTheSameText(@ForAll("ids") int[] ids) {
    StreamingDecoder decoder = TRAINED.decoder();
    StringBuilder text = new StringBuilder();
    for (int id : ids) {
      text.append(decoder.accept(id));
    }
    text.append(decoder.finish());
    assertThat(text.toString()).isEqualTo(TRAINED.decode(ids));
  }

  @Test
  void anIncompleteCharacterIsHeldBack() {
    StreamingDecoder decoder = TRAINED.decoder();
    byte[] smile = "😀".getBytes(UTF_8);
    for (int i = 0; i < 3; i++) {
      assertThat(decoder.accept(ByteAlphabet.idOf(smile[i]))).isEmpty();
    }
    assertThat(decoder.accept(ByteAlphabet.idOf(smile[3]))).isEqualTo("😀");
    decoder.accept(ByteAlphabet.idOf(smile[0]));
    assertThat(decoder.finish()).isEqualTo("\ufffd");
    assertThat(decoder.accept(ByteAlphabet.idOf((byte) 'a'))).isEqualTo("a");
  }

  @Test
  void idsOutsideTheVocabularyAreNamed() {
    assertThatThrownBy(() -> TRAINED.decode(new int[] {1, TRAINED.vocabularySize()}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("token id %d (at position 1)", TRAINED.vocabularySize())
        .hasMessageContaining("0 to %d", TRAINED.vocabularySize() - 1);
    assertThatThrownBy(() -> TRAINED.decoder().accept(-1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("-1");
    assertThatThrownBy(() -> TRAINED.decodeBytes(new int[3], 2, 4))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void refusesMergesThatMakeNoVocabulary() {
    assertThatThrownBy(() -> tokenizer(MergeTable.pair(0, 256))).hasMessageContaining("256");
    assertThatThrownBy(() -> tokenizer(MergeTable.pair(-1, 3)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> tokenizer(MergeTable.pair(1, 2), MergeTable.pair(1, 2)))
        .hasMessageContaining("already");
    // aa+b and a+ab are the same token.
    assertThatThrownBy(
            () ->
                tokenizer(
                    MergeTable.pair(1, 1),
                    MergeTable.pair(1, 2),
                    MergeTable.pair(256, 2),
                    MergeTable.pair(1, 257)))
        .hasMessageContaining("already");
    long[] doubling =
        IntStream.range(0, 40)
            .mapToLong(i -> i == 0 ? MergeTable.pair(1, 1) : MergeTable.pair(255 + i, 255 + i))
            .toArray();
    assertThatThrownBy(() -> tokenizer(doubling)).hasMessageContaining("bytes");
    assertThatThrownBy(() -> new BytePairTokenizer(new long[0], List.of("<a>", "<a>")))
        .hasMessageContaining("same name");
  }

  @Test
  void fingerprintsTellTokenizersApart() {
    assertThat(Tokenizers.bytePairs("abab", 300).fingerprint())
        .isEqualTo(Tokenizers.bytePairs("abab ", 300).fingerprint());
    assertThat(Tokenizers.bytePairs("abab", 300).fingerprint())
        .isNotEqualTo(Tokenizers.bytePairs("acac", 300).fingerprint());
    assertThat(new BytePairTokenizer(new long[0], List.of("<a>")).fingerprint())
        .isNotEqualTo(new BytePairTokenizer(new long[0], List.of("<b>")).fingerprint())
        .hasSize(64);
  }

  private static BytePairTokenizer tokenizer(long... merges) {
    return new BytePairTokenizer(merges, List.of());
  }

  private static Encoding jtokkit(BytePairTokenizer tokenizer) {
    IdentityHashMap<byte[], Integer> ranks = new IdentityHashMap<>();
    for (int id = 0; id < tokenizer.vocabularySize(); id++) {
      ranks.put(tokenizer.tokenBytes(id), id);
    }
    Pattern pieces =
        Pattern.compile(
            "'(?:[sdmt]|ll|ve|re)| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
            Pattern.UNICODE_CHARACTER_CLASS);
    EncodingRegistry registry = Encodings.newLazyEncodingRegistry();
    registry.registerGptBytePairEncoding(
        new GptBytePairEncodingParams("trained", pieces, ranks, Map.of()));
    return registry.getEncoding("trained").orElseThrow();
  }

  private static int[] stream(Tokenizer tokenizer, byte[] utf8, int chunk) throws IOException {
    Ids ids = new Ids();
    TokenEncoder encoder = tokenizer.encoder(ids);
    for (int at = 0; at < utf8.length; at += chunk) {
      encoder.write(utf8, at, Math.min(chunk, utf8.length - at));
    }
    encoder.finish();
    return ids.toArray();
  }

  /** Collects ids. */
  private static final class Ids implements TokenSink {
    private int[] all = new int[0];

    @Override
    public void accept(int[] ids, int count) {
      int old = all.length;
      all = Arrays.copyOf(all, old + count);
      System.arraycopy(ids, 0, all, old, count);
    }

    int[] toArray() {
      return all.clone();
    }
  }
}
