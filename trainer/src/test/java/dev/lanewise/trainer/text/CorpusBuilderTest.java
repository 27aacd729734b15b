package dev.lanewise.trainer.text;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.trainer.fixture.Texts;
import dev.lanewise.trainer.fixture.Tokenizers;
import dev.lanewise.trainer.progress.Progress;
import dev.lanewise.trainer.text.token.CorpusTooShortException;
import dev.lanewise.trainer.text.token.TokenFile;
import dev.lanewise.trainer.text.token.TokenFileWriter;
import dev.lanewise.trainer.text.tokenizer.TokenEncoder;
import dev.lanewise.trainer.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CorpusBuilderTest {

  private static final int CONTEXT = 4;
  private static final TokenizerChoice CHARACTERS = new TokenizerChoice.Characters();
  private static final String TEXT =
      "It was the best of times, it was the worst of times. 世界 é\n".repeat(20);

  @TempDir Path folder;

  @Test
  void nineTenthsAreForTraining() throws IOException {
    String text = "0123456789".repeat(10) + "abcd";
    try (TextCorpus corpus = build(text, CHARACTERS)) {
      assertThat(Texts.of(corpus.tokenizer(), corpus.training())).isEqualTo(text.substring(0, 93));
      assertThat(Texts.of(corpus.tokenizer(), corpus.validation())).isEqualTo(text.substring(93));
      assertThat(corpus.textBytes()).isEqualTo(104);
      assertThat(corpus.training().tokenizerFingerprint())
          .isEqualTo(corpus.tokenizer().fingerprint());
    }
  }

  @Test
  void bothKindsOfTokenizerKeepTheText() throws IOException {
    for (TokenizerChoice choice : List.of(CHARACTERS, new TokenizerChoice.BytePairs(300))) {
      try (TextCorpus corpus = build(TEXT, choice)) {
        assertThat(
                Texts.of(corpus.tokenizer(), corpus.training())
                    + Texts.of(corpus.tokenizer(), corpus.validation()))
            .isEqualTo(TEXT);
      }
    }
  }

  @Property(tries = 100)
  void noCharacterIsCut(
      @ForAll @IntRange(min = 0, max = 40) int shift, @ForAll @IntRange(min = 1, max = 7) int chunk)
      throws IOException {
    String text = "x".repeat(shift) + "é世😀".repeat(5);
    byte[] utf8 = text.getBytes(UTF_8);
    Tokenizer tokenizer = Tokenizers.characters(text);
    long[] counts = new long[2];
    TokenEncoder first = tokenizer.encoder((ids, count) -> counts[0] += count);
    TokenEncoder second = tokenizer.encoder((ids, count) -> counts[1] += count);
    SplitSink split =
        new SplitSink(
            new TextJoiner(first::write),
            new TextJoiner(second::write),
            List.of(utf8.length * 9L / 10));
    split.begin("text");
    for (int at = 0; at < utf8.length; at += chunk) {
      split.accept(utf8, at, Math.min(chunk, utf8.length - at));
    }
    split.end();
    first.finish();
    second.finish();
    assertThat(counts[0] + counts[1]).isEqualTo(text.codePointCount(0, text.length()));
    long border =
        text.codePoints()
            .limit(counts[0])
            .mapToLong(c -> Character.toString(c).getBytes(UTF_8).length)
            .sum();
    assertThat(border).isBetween(utf8.length * 9L / 10, utf8.length * 9L / 10 + 3);
  }

  @Test
  void theSameIsReusedAndAnythingElseIsMadeAnew() throws IOException {
    build(TEXT, new TokenizerChoice.BytePairs(300)).close();
    long made = Files.getLastModifiedTime(folder.resolve("training.tokens")).toMillis();
    try (TextCorpus again = build(TEXT, new TokenizerChoice.BytePairs(300))) {
      assertThat(TEXT).startsWith(Texts.of(again.tokenizer(), again.training()));
    }
    assertThat(Files.getLastModifiedTime(folder.resolve("training.tokens")).toMillis())
        .isEqualTo(made);
    assertThat(reused(TEXT, new TokenizerChoice.BytePairs(301))).isFalse();
    assertThat(reused(TEXT, new TokenizerChoice.BytePairs(301))).isTrue();
    assertThat(reused(TEXT + "!", new TokenizerChoice.BytePairs(301))).isFalse();
    assertThat(reused(TEXT + "!", CHARACTERS)).isFalse();
    assertThat(reused(TEXT + "!", CHARACTERS)).isTrue();
  }

  @Test
  void aRefusedTextChangesNothing() throws IOException {
    build(TEXT, CHARACTERS).close();
    assertThatThrownBy(
            () ->
                new CorpusBuilder(folder, CONTEXT)
                    .build(
                        TextSource.of("another", TEXT + "!"),
                        CHARACTERS,
                        CorpusLayout.former(),
                        Progress.SILENT,
                        sha256 -> {
                          throw new IllegalArgumentException(sha256);
                        }))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(reused(TEXT, CHARACTERS)).isTrue();
  }

  @Test
  void aGivenTokenizerIsUsed() throws IOException {
    Tokenizer tokenizer = Tokenizers.bytePairs(TEXT, 280);
    try (TextCorpus corpus = build("the times", new TokenizerChoice.Given(tokenizer))) {
      assertThat(corpus.tokenizer().fingerprint()).isEqualTo(tokenizer.fingerprint());
    }
    assertThat(reused("the times", new TokenizerChoice.Given(tokenizer))).isTrue();
    assertThat(reused("the times", new TokenizerChoice.BytePairs(280))).isFalse();
    TokenizerChoice few = new TokenizerChoice.Given(Tokenizers.characters("the tim"));
    assertThatThrownBy(() -> build("the times", few))
        .isInstanceOf(InvalidTextException.class)
        .hasMessageContainingAll("the text, line 1, column 9", "'s'");
  }

  @Test
  void damagedFilesAreMadeAnew() throws IOException {
    build(TEXT, CHARACTERS).close();
    for (String name :
        List.of("training.tokens", "validation.tokens", "tokenizer.json", "corpus.txt")) {
      Path file = folder.resolve(name);
      byte[] whole = Files.readAllBytes(file);
      Files.write(file, java.util.Arrays.copyOf(whole, whole.length - 1));
      assertThat(reused(TEXT, CHARACTERS)).as(name + " cut").isFalse();
      assertThat(Files.readAllBytes(file)).isEqualTo(whole);
      Files.delete(file);
      assertThat(reused(TEXT, CHARACTERS)).as(name + " gone").isFalse();
      assertThat(reused(TEXT, CHARACTERS)).isTrue();
    }
    Files.copy(
        folder.resolve("training.tokens"),
        folder.resolve("validation.tokens"),
        java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    assertThat(reused(TEXT, CHARACTERS)).as("a file in the place of another").isFalse();
  }

  /** Signed, with a label that fits, and still not what the tokenizer can have made. */
  @Test
  void forgedIdsAreNotUsed() throws IOException {
    build(TEXT, CHARACTERS).close();
    Path label = folder.resolve("corpus.txt");
    String trueLabel = Files.readString(label);
    Tokenizer tokenizer = TokenizerFolder.load(folder);
    int size = tokenizer.vocabularySize();
    for (String name : List.of("training", "validation")) {
      Path file = folder.resolve(name + ".tokens");
      byte[] whole = Files.readAllBytes(file);
      forge(name, trueLabel, size + 1, tokenizer.fingerprint());
      assertThat(reused(TEXT, CHARACTERS)).as(name + ", more ids").isFalse();
      forge(name, trueLabel, size, "0".repeat(64));
      assertThat(reused(TEXT, CHARACTERS)).as(name + ", of another tokenizer").isFalse();
      assertThat(Files.readAllBytes(file)).isEqualTo(whole);
      assertThat(Files.readString(label)).isEqualTo(trueLabel);
    }
    forge("training", trueLabel, size, tokenizer.fingerprint());
    assertThat(reused(TEXT, CHARACTERS)).as("what the forger cannot be told by").isTrue();
  }

  private void forge(String name, String label, int vocabularySize, String fingerprint)
      throws IOException {
    Path file = folder.resolve(name + ".tokens");
    try (TokenFileWriter writer = new TokenFileWriter(file, vocabularySize, fingerprint)) {
      writer.accept(new int[] {vocabularySize - 1, 0, 1, 2, 3, 4}, 6);
      writer.commit();
    }
    try (TokenFile forged = TokenFile.open(file)) {
      String line = name + " " + forged.fingerprint() + " tokens " + forged.size();
      String written = label.replaceFirst("(?m)^" + name + " .*$", line);
      assertThat(written).isNotEqualTo(label);
      Files.writeString(folder.resolve("corpus.txt"), written);
    }
  }

  @Test
  void aLabelThatIsNotAFileIsMadeAnew() throws IOException {
    build(TEXT, CHARACTERS).close();
    Path label = folder.resolve("corpus.txt");
    Files.delete(label);
    Files.createDirectory(label);
    assertThat(reused(TEXT, CHARACTERS)).isFalse();
    assertThat(label).isRegularFile();
  }

  @Test
  void aTextWithoutRoomForAWindowIsNotTokenized() throws IOException {
    CountedText counted = new CountedText("0123456789");
    assertThatThrownBy(
            () -> new CorpusBuilder(folder, 12).build(counted, CHARACTERS, Progress.SILENT))
        .isInstanceOf(CorpusTooShortException.class)
        .hasMessageContainingAll("10 bytes", "one window of context 12", "--data", "--context");
    assertThat(counted.reads).isEqualTo(1);
    assertThat(folder).isEmptyDirectory();
    // Whether nine tenths are enough for what may be, only the tokenizer knows.
    new CorpusBuilder(folder, 11).build(counted, CHARACTERS, Progress.SILENT).close();
  }

  @Test
  void aChangeOfTheTokenizersKindLeavesNothingOfTheOther() throws IOException {
    build(TEXT, new TokenizerChoice.BytePairs(300)).close();
    try (TextCorpus characters = build(TEXT, CHARACTERS)) {
      assertThat(TokenizerFolder.load(folder).fingerprint())
          .isEqualTo(characters.tokenizer().fingerprint());
      assertThat(folder.resolve("vocab.json")).doesNotExist();
      assertThat(folder.resolve("merges.txt")).doesNotExist();
    }
  }

  @Test
  void emptyTextIsRefused() {
    assertThatThrownBy(() -> build("\ufeff\u0000", CHARACTERS))
        .isInstanceOf(InvalidTextException.class)
        .hasMessageContaining("the text")
        .hasMessageContaining("no text in it");
  }

  @Test
  void aTextThatChangesWhileItIsReadIsRefused() {
    TextSource changing =
        new TextSource() {
          private int reads;

          @Override
          public String description() {
            return "changing";
          }

          @Override
          public void copyTo(TextSink sink) throws IOException {
            byte[] utf8 = (TEXT + (reads++ < 2 ? "a" : "e")).getBytes(UTF_8);
            sink.accept(utf8, 0, utf8.length);
          }
        };
    assertThatThrownBy(
            () -> new CorpusBuilder(folder, CONTEXT).build(changing, CHARACTERS, Progress.SILENT))
        .isInstanceOf(InvalidTextException.class)
        .hasMessageContaining("changed");
    assertThat(folder.resolve("corpus.txt")).doesNotExist();
  }

  @Test
  void aWholeTextCanBeEncoded() throws IOException {
    Tokenizer tokenizer = Tokenizers.characters(TEXT);
    try (TokenFile file =
        CorpusBuilder.encode(
            TextSource.of("text", TEXT),
            tokenizer,
            CorpusLayout.former(),
            folder.resolve("all.tokens"),
            Progress.SILENT)) {
      assertThat(Texts.of(tokenizer, file)).isEqualTo(TEXT);
    }
  }

  private TextCorpus build(String text, TokenizerChoice choice) throws IOException {
    return new CorpusBuilder(folder, CONTEXT)
        .build(TextSource.of("the text", text), choice, Progress.SILENT);
  }

  private boolean reused(String text, TokenizerChoice choice) throws IOException {
    CountedText counted = new CountedText(text);
    new CorpusBuilder(folder, CONTEXT).build(counted, choice, Progress.SILENT).close();
    return counted.reads == 1;
  }

  /** A text that is made into a corpus is read more than once; one that was is read once. */
  private static final class CountedText implements TextSource {
    private final TextSource text;
    private int reads;

    CountedText(String text) {
      this.text = TextSource.of("the text", text);
    }

    @Override
    public String description() {
      return text.description();
    }

    @Override
    public void copyTo(TextSink sink) throws IOException {
      reads++;
      text.copyTo(sink);
    }
  }
}
