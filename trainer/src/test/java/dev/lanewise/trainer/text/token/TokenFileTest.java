package dev.lanewise.trainer.text.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.trainer.fixture.Pipe;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokenFileTest {

  private static final String FINGERPRINT = "0123456789abcdef".repeat(4);

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({"1, 2", "5000, 2", "65536, 2", "65537, 4", "1000000, 4"})
  void whatIsWrittenIsRead(int vocabularySize, int idBytes) throws IOException {
    int[] ids = new Random(1).ints(200_000, 0, vocabularySize).toArray();
    ids[7] = vocabularySize - 1;
    Path path = folder.resolve("ids");
    write(path, vocabularySize, ids);
    assertThat(Files.size(path)).isEqualTo(TokenFileHeader.BYTES + (long) idBytes * ids.length);
    try (TokenFile file = TokenFile.open(path)) {
      assertThat(file.size()).isEqualTo(ids.length);
      assertThat(file.vocabularySize()).isEqualTo(vocabularySize);
      assertThat(file.tokenizerFingerprint()).isEqualTo(FINGERPRINT);
      assertThat(file.get(7)).isEqualTo(vocabularySize - 1);
      assertThat(file.get(ids.length - 1)).isEqualTo(ids[ids.length - 1]);
      int[] copy = new int[1002];
      file.copy(198_999, 1000, copy, 1);
      assertThat(Arrays.copyOfRange(copy, 1, 1001))
          .isEqualTo(Arrays.copyOfRange(ids, 198_999, 199_999));
      assertThat(copy[0]).isZero();
      assertThat(copy[1001]).isZero();
    }
  }

  @Test
  void readingOutsideIsRefused() throws IOException {
    try (TokenFile file = open(write(folder.resolve("ids"), 10, 1, 2, 3))) {
      TokenSequence array = TokenSequence.of(new int[] {1, 2, 3}, 10);
      for (TokenSequence tokens : new TokenSequence[] {file, array}) {
        assertThatThrownBy(() -> tokens.get(3)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> tokens.get(-1)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> tokens.copy(1, 3, new int[3], 0))
            .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> tokens.copy(0, 3, new int[3], 1))
            .isInstanceOf(IndexOutOfBoundsException.class);
      }
    }
    assertThatThrownBy(() -> TokenSequence.of(new int[] {10}, 10))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void anEmptyFileIsAFile() throws IOException {
    try (TokenFile file = open(write(folder.resolve("ids"), 10))) {
      assertThat(file.size()).isZero();
    }
  }

  /** The JVM makes an InternalError of it, which looks like a bug of ours. */
  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "a mapped file cannot be cut there")
  void aFileThatIsCutWhileItIsInUseIsNamed() throws IOException {
    int[] ids = new int[100_000];
    Path path = write(folder.resolve("ids"), 300, ids);
    try (TokenFile file = TokenFile.open(path)) {
      try (RandomAccessFile cut = new RandomAccessFile(path.toFile(), "rw")) {
        cut.setLength(TokenFileHeader.BYTES);
      }
      assertThatThrownBy(() -> file.copy(90_000, 100, new int[100], 0))
          .isInstanceOf(UncheckedIOException.class)
          .hasMessageContainingAll(path.toString(), "cut");
      assertThatThrownBy(() -> file.get(90_000)).isInstanceOf(UncheckedIOException.class);
    }
  }

  @Test
  @Timeout(60)
  void aPipeInThePlaceOfTheTemporaryFileIsReplaced() throws IOException, InterruptedException {
    Pipe.make(folder.resolve("ids.tmp"));
    try (TokenFile file = open(write(folder.resolve("ids"), 10, 3))) {
      assertThat(file.get(0)).isEqualTo(3);
    }
  }

  @Test
  void everyBitCounts() throws IOException {
    Path path = write(folder.resolve("ids"), 70_000, 1, 2, 3, 69_999);
    byte[] whole = Files.readAllBytes(path);
    for (int bit = 0; bit < whole.length * 8; bit++) {
      byte[] damaged = whole.clone();
      damaged[bit / 8] ^= (byte) (1 << bit % 8);
      Files.write(path, damaged);
      assertThatThrownBy(() -> TokenFile.open(path))
          .as("bit %d", bit)
          .isInstanceOf(InvalidTokenFileException.class)
          .hasMessageStartingWith(path.toString());
    }
  }

  @Test
  void everyByteCounts() throws IOException {
    Path path = write(folder.resolve("ids"), 300, 1, 2, 3);
    byte[] whole = Files.readAllBytes(path);
    for (int length = 0; length <= whole.length + 4; length++) {
      if (length == whole.length) {
        continue;
      }
      Files.write(path, Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> TokenFile.open(path)).isInstanceOf(InvalidTokenFileException.class);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {Long.MAX_VALUE, Long.MIN_VALUE, -1, 1L << 62, (1L << 63) + 2})
  void aHostileCountIsRefused(long count) throws IOException {
    Path path = write(folder.resolve("ids"), 300, 1, 2);
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      file.seek(16);
      file.writeLong(Long.reverseBytes(count));
    }
    assertThatThrownBy(() -> TokenFile.open(path))
        .isInstanceOf(InvalidTokenFileException.class)
        .hasMessageContaining("number of ids");
  }

  @Test
  void anIdOutsideTheVocabularyIsNamedOnReadingAndRefusedOnWriting() throws IOException {
    Path path = write(folder.resolve("ids"), 300, 1, 2, 3);
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      file.seek(TokenFileHeader.BYTES + 2);
      file.write(new byte[] {44, 1});
    }
    assertThatThrownBy(() -> TokenFile.open(path))
        .isInstanceOf(InvalidTokenFileException.class)
        .hasMessageContaining("id 1: 300 is outside the vocabulary, 0 to 299");
    assertThatThrownBy(() -> write(folder.resolve("other"), 300, 1, -2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("-2");
    assertThat(folder.resolve("other")).doesNotExist();
    assertThat(folder).isDirectoryNotContaining("glob:**.tmp");
  }

  @Test
  void aMissingFileIsNamed() {
    assertThatThrownBy(() -> TokenFile.open(folder.resolve("gone")))
        .isInstanceOf(InvalidTokenFileException.class)
        .hasMessageContaining("missing");
  }

  @Test
  void nothingAppearsBeforeTheFileIsComplete() throws IOException {
    Path path = write(folder.resolve("ids"), 300, 1, 2, 3);
    try (TokenFileWriter writer = new TokenFileWriter(path, 300, FINGERPRINT)) {
      writer.accept(new int[] {4}, 1);
    }
    try (TokenFile file = open(path)) {
      assertThat(file.size()).as("the former file").isEqualTo(3);
    }
    assertThat(folder).isDirectoryNotContaining("glob:**.tmp");
  }

  @Test
  void fingerprintsTellFilesApart() throws IOException {
    try (TokenFile a = open(write(folder.resolve("a"), 300, 1, 2, 3));
        TokenFile same = open(write(folder.resolve("same"), 300, 1, 2, 3));
        TokenFile ids = open(write(folder.resolve("ids"), 300, 1, 2, 4));
        TokenFile vocabulary = open(write(folder.resolve("vocabulary"), 301, 1, 2, 3))) {
      assertThat(a.fingerprint()).hasSize(64).isEqualTo(same.fingerprint());
      assertThat(a.fingerprint()).isNotEqualTo(ids.fingerprint());
      assertThat(a.fingerprint()).isNotEqualTo(vocabulary.fingerprint());
    }
  }

  private static TokenFile open(Path path) throws IOException {
    return TokenFile.open(path);
  }

  private static Path write(Path path, int vocabularySize, int... ids) throws IOException {
    try (TokenFileWriter writer = new TokenFileWriter(path, vocabularySize, FINGERPRINT)) {
      writer.accept(ids, ids.length);
      writer.commit();
    }
    return path;
  }
}
