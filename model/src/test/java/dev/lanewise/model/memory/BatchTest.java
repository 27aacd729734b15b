package dev.lanewise.model.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BatchTest {

  private static final int[] IDS = IntStream.range(100, 120).toArray();
  private static final int[] FOLLOWING = IntStream.range(200, 220).toArray();

  private final Batch batch = new Batch(8, 5);

  @Test
  void documentsLieOneAfterAnother() {
    batch.takeDocuments(IDS, FOLLOWING, 3, new int[] {9, 1, 5, 2, 9}, 1, 3);

    assertThat(batch.documents()).isEqualTo(3);
    assertThat(batch.rows()).isEqualTo(8);
    assertThat(IntStream.range(0, 3).map(batch::firstRow)).containsExactly(0, 1, 6);
    assertThat(IntStream.range(0, 3).map(batch::endRow)).containsExactly(1, 6, 8);
    assertThat(IntStream.range(0, 3).map(batch::length)).containsExactly(1, 5, 2);
    assertThat(IntStream.range(0, 8).map(batch::documentOf))
        .containsExactly(0, 1, 1, 1, 1, 1, 2, 2);
    assertThat(batch.pairs()).isEqualTo(1 + 15 + 3);
    assertThat(batch.pairs(1)).isEqualTo(15);
    assertThat(batch.inputs()).startsWith(103, 104, 105).endsWith(110);
    assertThat(batch.targets()).startsWith(203, 204, 205).endsWith(210);
  }

  @Test
  void eachSequenceIsADocument() {
    batch.takeDocuments(IDS, FOLLOWING, 0, new int[] {1, 5, 2}, 0, 3);
    batch.takeWindows(IDS, 1, 2, 3);

    assertThat(batch.documents()).isEqualTo(2);
    assertThat(batch.rows()).isEqualTo(6);
    assertThat(IntStream.range(0, 6).map(batch::documentOf)).containsExactly(0, 0, 0, 1, 1, 1);
    assertThat(batch.pairs()).isEqualTo(12);
    assertThat(batch.inputs()).startsWith(101, 102, 103, 105, 106, 107);
    assertThat(batch.targets()).startsWith(102, 103, 104, 106, 107, 108);
    batch.takeRows(IDS, FOLLOWING, 4, 1, 2);
    assertThat(batch.documents()).isEqualTo(1);
    assertThat(batch.pairs()).isEqualTo(3);
  }

  @Test
  void whatDoesNotFitIsRefusedAndChangesNothing() {
    batch.takeRows(IDS, FOLLOWING, 0, 2, 4);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> batch.takeDocuments(IDS, FOLLOWING, 0, new int[] {2, 6}, 0, 2))
        .withMessage("a document of 6 tokens; from 1 to 5 are possible");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> batch.takeDocuments(IDS, FOLLOWING, 0, new int[] {2, 0}, 0, 2));
    assertThatIllegalArgumentException().isThrownBy(() -> batch.takeRows(IDS, FOLLOWING, 0, 1, 6));
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> batch.takeDocuments(IDS, FOLLOWING, 0, new int[] {5, 4}, 0, 2))
        .withMessage("documents of 9 rows in a batch of 8");
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> batch.takeDocuments(IDS, FOLLOWING, 0, new int[] {5}, 0, 2));
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> batch.takeRows(IDS, FOLLOWING, 0, 3, 3));
    assertThat(batch.documents()).isEqualTo(2);
    assertThat(batch.pairs()).isEqualTo(20);
  }
}
