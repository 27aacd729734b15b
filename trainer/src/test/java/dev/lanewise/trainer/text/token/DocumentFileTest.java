package dev.lanewise.trainer.text.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.model.memory.Batch;
import dev.lanewise.trainer.fixture.Tokenizers;
import dev.lanewise.trainer.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DocumentFileTest {

  private static final Tokenizer TOKENIZER = Tokenizers.characters("abcdefghijklmnop");
  private static final int X = Batch.UNCOUNTED;

  @TempDir Path folder;

  private Path tokens() {
    return folder.resolve("training.tokens");
  }

  private Path marks() {
    return folder.resolve("training.documents");
  }

  private DocumentFile open() throws IOException {
    return DocumentFile.open(tokens(), bytes -> {});
  }

  private static boolean[] marks(String ofIds) {
    boolean[] marks = new boolean[ofIds.length()];
    for (int i = 0; i < marks.length; i++) {
      marks[i] = ofIds.charAt(i) == '1';
    }
    return marks;
  }

  private void writeThree() throws IOException {
    try (DocumentFileWriter writer = new DocumentFileWriter(tokens(), TOKENIZER)) {
      assertThat(writer.add(new int[] {1, 2, 3, 4}, marks("0011"), 0, 4)).isTrue();
      // Nothing is predicted after the last that counts; the first is never predicted.
      assertThat(writer.add(new int[] {5, 6, 7, 8, 9}, marks("10100"), 0, 5)).isTrue();
      assertThat(writer.add(new int[] {5, 6, 7}, marks("100"), 0, 3)).isFalse();
      assertThat(writer.add(new int[] {9, 8, 7, 6, 5}, marks("11111"), 2, 4)).isTrue();
      writer.commit();
    }
  }

  @Test
  void whatIsWrittenIsRead() throws IOException {
    writeThree();
    try (DocumentFile file = open()) {
      assertThat(file.documents()).isEqualTo(3);
      assertThat(file.tokens().size()).isEqualTo(9);
      assertThat(file.counted()).isEqualTo(4);
      assertThat(file.longest()).isEqualTo(4);
      assertThat(IntStream.range(0, 3).map(file::rows)).containsExactly(3, 2, 1);
      assertThat(IntStream.range(0, 3).map(file::counted)).containsExactly(2, 1, 1);
      assertRows(file, 0, new int[] {1, 2, 3}, new int[] {X, 3, 4});
      assertRows(file, 1, new int[] {5, 6}, new int[] {X, 7});
      assertRows(file, 2, new int[] {7}, new int[] {6});
      assertThatThrownBy(() -> file.rows(3)).isInstanceOf(IndexOutOfBoundsException.class);
    }
  }

  private static void assertRows(DocumentFile file, int document, int[] ids, int[] following) {
    int[] found = new int[ids.length + 2];
    int[] targets = new int[ids.length + 2];
    file.copy(document, found, targets, 1);
    assertThat(Arrays.copyOfRange(found, 1, ids.length + 1)).isEqualTo(ids);
    assertThat(Arrays.copyOfRange(targets, 1, ids.length + 1)).isEqualTo(following);
    assertThat(new int[] {found[0], found[ids.length + 1]}).containsOnly(0);
  }

  /** More than a buffer of each kind. */
  @Test
  void manyDocumentsAreRead() throws IOException {
    Random random = new Random(3);
    List<boolean[]> counted = new ArrayList<>();
    try (DocumentFileWriter writer = new DocumentFileWriter(tokens(), TOKENIZER)) {
      for (int i = 0; i < 40_000; i++) {
        boolean[] some = new boolean[2 + random.nextInt(200)];
        for (int j = 1; j < some.length; j++) {
          some[j] = j == some.length - 1 || random.nextBoolean();
        }
        counted.add(some);
        int[] ids = IntStream.range(0, some.length).map(j -> (some.length + j) % 16).toArray();
        writer.add(ids, some, 0, ids.length);
      }
      writer.commit();
    }
    try (DocumentFile file = open()) {
      assertThat(file.documents()).isEqualTo(40_000);
      int[] ids = new int[200];
      int[] following = new int[200];
      for (int document = 0; document < 40_000; document += 37) {
        boolean[] marks = counted.get(document);
        assertThat(file.rows(document)).isEqualTo(marks.length - 1);
        file.copy(document, ids, following, 0);
        for (int i = 0; i < marks.length - 1; i++) {
          assertThat(ids[i]).isEqualTo((marks.length + i) % 16);
          assertThat(following[i]).isEqualTo(marks[i + 1] ? (marks.length + i + 1) % 16 : X);
        }
      }
    }
  }

  @Test
  void everyChangedByteIsNoticed() throws IOException {
    writeThree();
    byte[] whole = Files.readAllBytes(marks());
    for (int at = 0; at < whole.length; at++) {
      byte[] changed = whole.clone();
      changed[at] ^= 4;
      Files.write(marks(), changed);
      assertThatThrownBy(this::open).isInstanceOf(InvalidTokenFileException.class);
      Files.write(marks(), Arrays.copyOf(whole, at));
      assertThatThrownBy(this::open).isInstanceOf(InvalidTokenFileException.class);
    }
    Files.write(marks(), Arrays.copyOf(whole, whole.length + 8));
    assertThatThrownBy(this::open).isInstanceOf(InvalidTokenFileException.class);
    Files.delete(marks());
    assertThatThrownBy(this::open).hasMessageContaining("missing");
  }

  @Test
  void marksOfOtherIdsAreRefused() throws IOException {
    writeThree();
    byte[] before = Files.readAllBytes(marks());
    try (DocumentFileWriter writer = new DocumentFileWriter(tokens(), TOKENIZER)) {
      for (int i = 0; i < 3; i++) {
        writer.add(new int[] {1, 2, 3}, marks("011"), 0, 3);
      }
      writer.commit();
    }
    Files.write(marks(), before);
    assertThatThrownBy(this::open).hasMessageContaining("another file than the one beside it");
  }

  /** Whoever can compute a SHA-256 can write one; then numbers must still not lead outside. */
  @ParameterizedTest
  @CsvSource({
    "104, 5000000000, cannot end at id",
    "104, 1, cannot end at id",
    "104, -7, cannot end at id",
    "112, 4, cannot end at id",
    "112, 6, its last id does not count",
    "120, 8, cannot end at id",
    "96, 255, its first id counts",
    "96, 1356, 'it counts, and is not there'"
  })
  void forgedNumbersAreRefused(int at, long value, String problem) throws Exception {
    writeThree();
    try (RandomAccessFile file = new RandomAccessFile(marks().toFile(), "rw")) {
      byte[] bytes = new byte[(int) file.length()];
      file.readFully(bytes);
      ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
      buffer.putLong(at, value);
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(bytes, 96, bytes.length - 96);
      digest.update(bytes, 0, 64);
      buffer.put(64, digest.digest());
      file.seek(0);
      file.write(bytes);
    }
    assertThatThrownBy(this::open)
        .isInstanceOf(InvalidTokenFileException.class)
        .hasMessageContaining(problem);
  }

  @Test
  void whatIsNotCompletedIsNotThere() throws IOException {
    try (DocumentFileWriter writer = new DocumentFileWriter(tokens(), TOKENIZER)) {
      writer.add(new int[] {1, 2}, marks("01"), 0, 2);
    }
    assertThat(folder).isEmptyDirectory();
  }
}
