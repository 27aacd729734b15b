package dev.lanewise.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Where packed matrices are put. */
class PackedFloatsTest {

  private static final int WIDTH = 8;
  private static final int FIRST = (int) CacheLine.start(0);

  private static final List<PackedMatrix.Size> SIZES =
      List.of(
          new PackedMatrix.Size(3, 17),
          new PackedMatrix.Size(0, 5),
          new PackedMatrix.Size(1, 1),
          new PackedMatrix.Size(2, 64));

  @Test
  void matricesLieBesideEachOtherAtCacheLines() {
    List<PackedMatrix> matrices = PackedFloats.allocate(SIZES, WIDTH);

    assertThat(matrices).hasSameSizeAs(SIZES);
    float[] data = ((PackedFloats) matrices.get(0)).data();
    long end = 0;
    for (int i = 0; i < SIZES.size(); i++) {
      PackedFloats matrix = (PackedFloats) matrices.get(i);
      assertThat(matrix.data()).isSameAs(data).containsOnly(0f);
      assertThat((long) matrix.offset()).isEqualTo(CacheLine.start(end));
      assertThat(matrix.rows()).isEqualTo(SIZES.get(i).rows());
      assertThat(matrix.columns()).isEqualTo(SIZES.get(i).columns());
      assertThat(matrix.panelWidth()).isEqualTo(WIDTH);
      end = matrix.offset() + matrix.bytes() / Float.BYTES;
    }
    assertThat(data).hasSize((int) end);
    assertThat(PackedFloats.bytes(SIZES, WIDTH)).isEqualTo(Float.BYTES * end);
  }

  @Test
  void nothingTakesNothing() {
    assertThat(PackedFloats.allocate(List.of(), WIDTH)).isEmpty();
    assertThat(PackedFloats.bytes(List.of(), WIDTH)).isZero();
  }

  @Test
  void whatDoesNotFitBeginsAnArray() {
    PackedMatrix.Size half = new PackedMatrix.Size(50, WIDTH);
    int one = FIRST + 400;
    int two = (int) CacheLine.start(one) + 400;

    assertThat(lengths(two, half, half, half)).containsExactly(two, one);
    assertThat(lengths(two - 1, half, half, half)).containsExactly(one, one, one);
    assertThat(lengths(1, half, half)).containsExactly(one, one);
  }

  private static List<Integer> lengths(long shared, PackedMatrix.Size... sizes) {
    return PackedArrays.lengths(List.of(sizes), size -> PackedFloats.floats(size, WIDTH), shared);
  }

  @Test
  void aMatrixLargerThanAnArrayIsRefused() {
    List<PackedMatrix.Size> sizes = List.of(new PackedMatrix.Size(1 << 16, 1 << 15));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> PackedFloats.bytes(sizes, WIDTH))
        .withMessageContaining("65536 rows and 32768 columns");
  }
}
