package dev.lanewise.model.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.engine.tensor.FloatTensor;
import dev.lanewise.engine.tensor.Shape;
import dev.lanewise.kernels.Precision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Base and changed rows are the whole tensor; what does not fit together is refused. */
class TensorsOnBasesTest {

  private static final String NAME = "t";
  private static final String BASE = "t.base";
  private static final int ROWS = 700;
  private static final int COLUMNS = 300;

  @TempDir private Path folder;

  private Path main() {
    return folder.resolve("main.safetensors");
  }

  private static FloatTensor random(long seed, Shape shape) {
    SplittableRandom random = new SplittableRandom(seed);
    FloatTensor tensor = new FloatTensor(new float[shape.size() + 3], 3, shape);
    for (int i = 0; i < tensor.size(); i++) {
      tensor.set(i, random.nextFloat() - 0.5f);
    }
    return tensor;
  }

  private void writeBase(FloatTensor base) throws IOException {
    new SafetensorsWriter().add(NAME, base).write(folder.resolve(BASE));
  }

  private void writeRows(FloatTensor tensor, int... rows) throws IOException {
    new SafetensorsWriter()
        .add("before", random(1, Shape.of(5)))
        .add(NAME, tensor, new RowsOnBase(BASE, rows))
        .write(main());
  }

  /** Rows and numbers as they come, with a text that names the base. */
  private void forge(String base, int rows, float... numbers) throws IOException {
    SafetensorsWriter writer = new SafetensorsWriter().metadata("lanewise.base.t", base);
    if (rows > 0) {
      writer.add("t.rows", random(2, Shape.of(rows, COLUMNS)));
    }
    if (numbers.length > 0) {
      writer.add("t.row_numbers", new FloatTensor(numbers, 0, Shape.of(numbers.length)));
    }
    writer.write(main());
  }

  private static int[] bits(float[] values) {
    return IntStream.range(0, values.length).map(i -> Float.floatToRawIntBits(values[i])).toArray();
  }

  /** A base, and a tensor that differs from it in some rows. */
  private static FloatTensor changed(FloatTensor base, int... rows) {
    FloatTensor changed = new FloatTensor(base.toArray(), 0, base.shape());
    FloatTensor other = random(9, base.shape());
    int size = base.size() / base.shape().dimension(0);
    for (int row : rows) {
      System.arraycopy(other.data(), other.offset() + row * size, changed.data(), row * size, size);
    }
    return changed;
  }

  private static int[] some(long seed, int rows, double share) {
    SplittableRandom random = new SplittableRandom(seed);
    return IntStream.range(0, rows).filter(row -> random.nextDouble() < share).toArray();
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.002, 0.1, 0.5, 0.9, 1})
  void baseAndRowsAreTheWholeTensor(double share) throws IOException {
    for (Shape shape : List.of(Shape.of(ROWS, COLUMNS), Shape.of(ROWS), Shape.of(ROWS, 2, 3))) {
      int[] rows = some(3, ROWS, share);
      FloatTensor base = random(4, shape);
      FloatTensor expected = changed(base, rows);
      writeBase(base);
      writeRows(expected, rows);
      try (TensorReader reader = TensorsOnBases.open(main())) {
        assertThat(reader.names()).containsExactlyInAnyOrder("before", NAME);
        FloatTensor found = new FloatTensor(new float[shape.size() + 1], 1, shape);
        reader.read(NAME, found);
        assertThat(bits(found.toArray())).isEqualTo(bits(expected.toArray()));
      }
    }
  }

  @Test
  void anyPartOfItCanBeRead() throws IOException {
    Shape shape = Shape.of(ROWS, COLUMNS);
    int[] rows = some(5, ROWS, 0.3);
    FloatTensor base = random(4, shape);
    FloatTensor expected = changed(base, rows);
    writeBase(base);
    writeRows(expected, rows);
    SplittableRandom random = new SplittableRandom(6);
    try (TensorReader reader = TensorsOnBases.open(main())) {
      for (int i = 0; i < 300; i++) {
        int from = random.nextInt(shape.size());
        int most = i % 2 == 0 ? 2 * COLUMNS : shape.size();
        int count = 1 + random.nextInt(Math.min(most, shape.size() - from));
        float[] found = new float[count + 2];
        reader.read(NAME, shape, from, count, found, 1);
        float[] part = Arrays.copyOfRange(expected.data(), from, from + count);
        assertThat(bits(Arrays.copyOfRange(found, 1, count + 1))).isEqualTo(bits(part));
        assertThat(found[0]).isZero();
        assertThat(found[count + 1]).isZero();
      }
    }
  }

  @Test
  void aBaseOfZerosNeedsNoFile() throws IOException {
    FloatTensor zeros = new FloatTensor(new float[50 * 4], 0, Shape.of(50, 4));
    FloatTensor expected = changed(zeros, 0, 1, 49);
    new SafetensorsWriter()
        .add(NAME, expected, new RowsOnBase("", new int[] {0, 1, 49}))
        .add("none", zeros, new RowsOnBase("", new int[0]))
        .write(main());
    assertThat(TensorsOnBases.bases(main())).isEmpty();
    try (TensorReader reader = TensorsOnBases.open(main())) {
      FloatTensor found = random(8, zeros.shape());
      reader.read(NAME, found);
      assertThat(found.toArray()).isEqualTo(expected.toArray());
      reader.read("none", found);
      assertThat(found.toArray()).isEqualTo(zeros.toArray());
    }
  }

  @Test
  void aFileWithoutBasesIsReadAsItIs() throws IOException {
    new SafetensorsWriter().metadata("base.t", "x").add("t", random(1, Shape.of(2))).write(main());
    try (TensorReader reader = TensorsOnBases.open(main())) {
      assertThat(reader).isInstanceOf(SafetensorsFile.class);
    }
    assertThat(TensorsOnBases.bases(main())).isEmpty();
  }

  @Test
  void whatIsKnownOfTheFilesIsKnownOfTheTensor() throws IOException {
    Shape shape = Shape.of(ROWS, COLUMNS);
    writeBase(random(4, shape));
    writeRows(random(4, shape));
    assertThat(TensorsOnBases.bases(main())).containsExactly(BASE);
    try (TensorReader reader = TensorsOnBases.open(main())) {
      assertThat(reader.precision(NAME)).isEqualTo(Precision.F32);
      assertThat(reader.isNarrowed(NAME)).isFalse();
      assertThat(reader.fileOf(NAME)).isEqualTo(folder.resolve(BASE));
      assertThat(reader.fileOf("before")).isEqualTo(main());
      assertThatThrownBy(() -> reader.require(NAME, Shape.of(ROWS + 1, COLUMNS)))
          .isInstanceOf(InvalidFileException.class)
          .hasMessageContainingAll(BASE, "expected shape");
    }
  }

  private void assertRefused(String... parts) {
    assertThatThrownBy(
            () -> {
              try (TensorReader reader = TensorsOnBases.open(main())) {
                reader.require(NAME, Shape.of(ROWS, COLUMNS));
              }
            })
        .isInstanceOf(InvalidFileException.class)
        .hasMessageContainingAll(parts);
  }

  @ParameterizedTest
  @CsvSource({
    "3, 3, element 1 is 3.0",
    "3, 2, element 1 is 2.0",
    "0, 1.5, element 1 is 1.5",
    "-1, 2, element 0 is -1.0",
    "0, 16777216, element 1 is 1.6777216E7",
    "0, 1e30, element 1 is 1.0E30",
    "0, 700, row 700 is none of a tensor of shape",
  })
  void numbersThatAreNoneOfRowsInOrderAreRefused(float first, float second, String problem)
      throws IOException {
    writeBase(random(4, Shape.of(ROWS, COLUMNS)));
    forge(BASE, 2, first, second);
    assertRefused(main().toString(), "t.row_numbers", problem);
  }

  @Test
  void rowsAndNumbersThatAreNotAsManyAreRefused() throws IOException {
    writeBase(random(4, Shape.of(ROWS, COLUMNS)));
    forge(BASE, 2, 4);
    assertRefused(main().toString(), "t.row_numbers", "not one number for each of t.rows");
    forge(BASE, 0, 4);
    assertRefused(main().toString(), "t.row_numbers", "not one number");
    forge(BASE, 3);
    assertRefused(main().toString(), "t.row_numbers", "not one number");
  }

  @Test
  void aNumberThatIsNotFiniteIsRefused() throws IOException {
    writeBase(random(4, Shape.of(ROWS, COLUMNS)));
    forge(BASE, 1, Float.NaN);
    assertRefused(main().toString(), "t.row_numbers", "NaN");
  }

  @Test
  void rowsOfAnotherWidthAreRefused() throws IOException {
    forge(BASE, 1, 0);
    writeBase(random(4, Shape.of(ROWS, COLUMNS - 1)));
    assertThatThrownBy(
            () -> {
              try (TensorReader reader = TensorsOnBases.open(main())) {
                reader.require(NAME, Shape.of(ROWS, COLUMNS - 1));
              }
            })
        .hasMessageContainingAll(main().toString(), "t.rows", "expected shape");
  }

  @Test
  void aBaseThatIsMissingOrHasNoSuchTensorIsNamed() throws IOException {
    forge(BASE, 1, 0);
    assertRefused(folder.resolve(BASE).toString(), "missing", "main.safetensors names it");
    new SafetensorsWriter().add("u", random(4, Shape.of(1))).write(folder.resolve(BASE));
    assertRefused(folder.resolve(BASE).toString(), NAME, "found none of that name");
    Files.write(folder.resolve(BASE), new byte[40]);
    assertRefused(folder.resolve(BASE).toString(), "header");
  }

  @ParameterizedTest
  @ValueSource(strings = {"..", "../x", "/etc/passwd", "a/b", "."})
  void aBaseElsewhereIsRefused(String base) throws IOException {
    forge(base, 1, 0);
    assertRefused(main().toString(), "lanewise.base.t", "not a file beside it");
  }

  @Test
  void aTensorThatIsThereTwiceIsRefused() throws IOException {
    writeBase(random(4, Shape.of(ROWS, COLUMNS)));
    new SafetensorsWriter()
        .metadata("lanewise.base.t", BASE)
        .add(NAME, random(2, Shape.of(ROWS, COLUMNS)))
        .write(main());
    assertRefused(main().toString(), NAME, "whole, and on a base");
  }

  @Test
  void rowsThatNoTensorHasAreNotWritten() {
    SafetensorsWriter writer = new SafetensorsWriter();
    FloatTensor tensor = random(1, Shape.of(3, 2));
    assertThatThrownBy(() -> writer.add(NAME, tensor, new RowsOnBase(BASE, new int[] {1, 3})))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("does not have row 3");
    assertThatThrownBy(() -> new RowsOnBase(BASE, new int[] {1, 1}))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new RowsOnBase(BASE, new int[] {-1}))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () ->
                new SafetensorsWriter(Encoding.BF16)
                    .add(NAME, tensor, new RowsOnBase(BASE, new int[] {1})))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
