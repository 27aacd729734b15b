package dev.lanewise.model.io;

import dev.lanewise.engine.tensor.Shape;
import dev.lanewise.kernels.Precision;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The tensors of a safetensors file that has of some only the rows in which they differ from a base
 * ({@link RowsOnBase}). Who reads them finds them whole.
 */
public final class TensorsOnBases implements TensorReader {

  /** Elements of rows that are read at a time, about. */
  private static final int PART = 1 << 16;

  private final SafetensorsFile main;
  private final Map<String, SafetensorsFile> bases = new LinkedHashMap<>();
  private final Map<String, OnBase> onBase = new LinkedHashMap<>();
  private final Set<String> names;

  /** A tensor on its base. */
  private static final class OnBase {

    /** Null for zeros. */
    private final SafetensorsFile base;

    /** Of the rows that the main file has, ascending. */
    private final int[] numbers;

    OnBase(SafetensorsFile base, int[] numbers) {
      this.base = base;
      this.numbers = numbers;
    }
  }

  private TensorsOnBases(SafetensorsFile main) {
    this.main = main;
    this.names = new LinkedHashSet<>(main.names());
  }

  /**
   * Opens a file, and those that its tensors have their bases in.
   *
   * @throws InvalidFileException if one is missing or malformed, or the numbers of rows are not
   *     numbers that ascend
   */
  public static TensorReader open(Path file) throws IOException {
    SafetensorsFile main = SafetensorsFile.open(file);
    if (main.metadata().keySet().stream().noneMatch(RowsOnBase::isKey)) {
      return main;
    }
    TensorsOnBases opened = new TensorsOnBases(main);
    try {
      for (Map.Entry<String, String> text : main.metadata().entrySet()) {
        if (RowsOnBase.isKey(text.getKey())) {
          opened.add(file, RowsOnBase.tensor(text.getKey()), text.getValue());
        }
      }
    } catch (IOException | RuntimeException e) {
      try (opened) {
        throw e;
      }
    }
    return opened;
  }

  /**
   * Returns the names of the files beside a file that its tensors have their bases in, in a fixed
   * order; they need not be there.
   *
   * @throws InvalidFileException if the file is missing or malformed
   */
  public static List<String> bases(Path file) throws IOException {
    try (SafetensorsFile main = SafetensorsFile.open(file)) {
      return main.metadata().entrySet().stream()
          .filter(text -> RowsOnBase.isKey(text.getKey()) && !text.getValue().isEmpty())
          .map(Map.Entry::getValue)
          .distinct()
          .sorted()
          .toList();
    }
  }

  private void add(Path file, String tensor, String base) throws IOException {
    if (main.names().contains(tensor)) {
      throw new InvalidFileException(file, tensor, "is there whole, and on a base");
    }
    SafetensorsFile opened = base.isEmpty() ? null : base(file, tensor, base);
    names.remove(RowsOnBase.rowsName(tensor));
    names.remove(RowsOnBase.numbersName(tensor));
    names.add(tensor);
    onBase.put(tensor, new OnBase(opened, numbers(file, tensor)));
  }

  private SafetensorsFile base(Path file, String tensor, String name) throws IOException {
    SafetensorsFile base = bases.get(name);
    if (base == null) {
      Path path = FileBeside.of(file, RowsOnBase.key(tensor), name);
      if (!RegularFile.isThere(path)) {
        throw new InvalidFileException(
            path, "", "the file is missing, though %s names it".formatted(file.getFileName()));
      }
      base = SafetensorsFile.open(path);
      bases.put(name, base);
    }
    return base;
  }

  private int[] numbers(Path file, String tensor) throws IOException {
    String name = RowsOnBase.numbersName(tensor);
    int count = main.firstDimension(name);
    if (count != main.firstDimension(RowsOnBase.rowsName(tensor))) {
      throw new InvalidFileException(
          file, name, "there is not one number for each of " + RowsOnBase.rowsName(tensor));
    }
    int[] numbers = new int[count];
    if (count == 0) {
      return numbers;
    }
    Shape shape = Shape.of(count);
    main.require(name, shape);
    float[] read = new float[Math.min(count, PART)];
    int before = -1;
    for (int from = 0; from < count; from += PART) {
      int n = Math.min(PART, count - from);
      main.read(name, shape, from, n, read, 0);
      for (int i = 0; i < n; i++) {
        int number = (int) read[i];
        if (number != read[i] || number <= before || number >= RowsOnBase.MOST_ROWS) {
          throw new InvalidFileException(
              file,
              name,
              "element %d is %s, which is no number of a row after row %d"
                  .formatted(from + i, read[i], before));
        }
        numbers[from + i] = number;
        before = number;
      }
    }
    return numbers;
  }

  @Override
  public Set<String> names() {
    return Collections.unmodifiableSet(names);
  }

  /** The file of the base is the one that is named, if there is one. */
  @Override
  public Path fileOf(String name) {
    OnBase tensor = onBase.get(name);
    return tensor == null || tensor.base == null ? main.fileOf(name) : tensor.base.fileOf(name);
  }

  @Override
  public void require(String name, Shape shape) throws InvalidFileException {
    OnBase tensor = onBase.get(name);
    if (tensor == null) {
      main.require(name, shape);
      return;
    }
    if (tensor.base != null) {
      tensor.base.require(name, shape);
    }
    int count = tensor.numbers.length;
    if (count == 0) {
      return;
    }
    if (tensor.numbers[count - 1] >= shape.dimension(0)) {
      throw new InvalidFileException(
          main.fileOf(name),
          RowsOnBase.numbersName(name),
          "row %d is none of a tensor of shape %s".formatted(tensor.numbers[count - 1], shape));
    }
    main.require(RowsOnBase.rowsName(name), RowsOnBase.shape(shape, count));
  }

  @Override
  public boolean isNarrowed(String name) {
    OnBase tensor = onBase.get(name);
    if (tensor == null) {
      return main.isNarrowed(name);
    }
    return (tensor.base != null && tensor.base.isNarrowed(name))
        || (tensor.numbers.length > 0 && main.isNarrowed(RowsOnBase.rowsName(name)));
  }

  @Override
  public Precision precision(String name) {
    OnBase tensor = onBase.get(name);
    if (tensor == null) {
      return main.precision(name);
    }
    boolean whole = tensor.base != null && tensor.numbers.length == 0;
    return whole ? tensor.base.precision(name) : Precision.F32;
  }

  @Override
  public void read(String name, Shape shape, int from, int count, float[] into, int offset)
      throws IOException {
    OnBase tensor = onBase.get(name);
    if (tensor == null) {
      main.read(name, shape, from, count, into, offset);
      return;
    }
    require(name, shape);
    if (tensor.base == null) {
      Arrays.fill(into, offset, offset + count, 0);
    } else {
      tensor.base.read(name, shape, from, count, into, offset);
    }
    int rowSize = shape.size() / shape.dimension(0);
    int first = firstFrom(tensor.numbers, from / rowSize);
    int end = firstFrom(tensor.numbers, Math.ceilDiv(from + count, rowSize));
    if (first == end) {
      return;
    }
    Shape rows = RowsOnBase.shape(shape, tensor.numbers.length);
    int step = Math.max(1, PART / rowSize);
    float[] read = new float[Math.min(step, end - first) * rowSize];
    for (int at = first; at < end; at += step) {
      int n = Math.min(step, end - at);
      main.read(RowsOnBase.rowsName(name), rows, at * rowSize, n * rowSize, read, 0);
      for (int i = 0; i < n; i++) {
        int row = tensor.numbers[at + i] * rowSize;
        int begin = Math.max(row, from);
        int size = Math.min(row + rowSize, from + count) - begin;
        System.arraycopy(read, i * rowSize + begin - row, into, offset + begin - from, size);
      }
    }
  }

  /** Where the first number is that is not less; their count if there is none. */
  private static int firstFrom(int[] numbers, int least) {
    int at = Arrays.binarySearch(numbers, least);
    return at < 0 ? -at - 1 : at;
  }

  @Override
  public void close() throws IOException {
    IOException failure = null;
    for (SafetensorsFile base : bases.values()) {
      try {
        base.close();
      } catch (IOException e) {
        failure = e;
      }
    }
    main.close();
    if (failure != null) {
      throw failure;
    }
  }
}
