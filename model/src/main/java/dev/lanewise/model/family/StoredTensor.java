package dev.lanewise.model.family;

/**
 * A tensor of a file that holds some columns of a parameter, or all.
 *
 * @param name with the family's prefix
 * @param fromColumn the first column of the parameter
 * @param columns how many
 * @param transposed whether the file has a row for each of these columns
 * @param interleaved in which other order the file has these columns
 */
public record StoredTensor(
    String name, int fromColumn, int columns, boolean transposed, Interleaved interleaved) {

  /**
   * Parts that lie one after another in a parameter, and piece by piece by turns in a file: the
   * first piece of each part, then the second of each.
   *
   * @param parts how many; 1 if the file has the columns in order
   * @param piece columns of a piece
   */
  public record Interleaved(int parts, int piece) {

    private static final Interleaved NOT = new Interleaved(1, 1);

    /** Where column i of a file lies among {@code columns} of the parameter. */
    int place(int i, int columns) {
      int at = i / piece;
      return (at % parts) * (columns / parts) + at / parts * piece + i % piece;
    }
  }

  /** A tensor whose columns are in order. */
  public StoredTensor(String name, int fromColumn, int columns, boolean transposed) {
    this(name, fromColumn, columns, transposed, Interleaved.NOT);
  }

  /** Returns whether the columns are in the parameter's order. */
  boolean isInOrder() {
    return interleaved.parts == 1;
  }
}
