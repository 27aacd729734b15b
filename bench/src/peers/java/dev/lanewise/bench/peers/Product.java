package dev.lanewise.bench.peers;

/**
 * One of the three products of a linear layer in training.
 *
 * @param form which of the three
 * @param rows rows of X and dY: positions of all sequences
 * @param in columns of X
 * @param out columns of Y
 */
record Product(Form form, int rows, int in, int out) {

  /** C = A B for each of the three products; W is [in, out]. */
  enum Form {
    /** Forward: Y = X W. */
    XW,
    /** The gradient of the input: dX = dY Wᵀ. */
    DYWT,
    /** The gradient of the weights: dW += Xᵀ dY. */
    XTDY
  }

  /** Parses a shape written as rows x in x out, such as 4096x128x512. */
  static Product parse(String form, String shape) {
    String[] sizes = shape.split("x", -1);
    return new Product(
        Form.valueOf(form),
        Integer.parseInt(sizes[0]),
        Integer.parseInt(sizes[1]),
        Integer.parseInt(sizes[2]));
  }

  /** Rows of C. */
  int m() {
    return form == Form.XTDY ? in : rows;
  }

  /** Columns of C. */
  int n() {
    return form == Form.DYWT ? in : out;
  }

  /** The inner dimension. */
  int k() {
    return switch (form) {
      case XW -> in;
      case DYWT -> out;
      case XTDY -> rows;
    };
  }

  /** Whether A is stored as k rows of m. */
  boolean isATransposed() {
    return form == Form.XTDY;
  }

  /** Whether B is stored as n rows of k. */
  boolean isBTransposed() {
    return form == Form.DYWT;
  }

  /** Whether the product is added to C. */
  boolean accumulates() {
    return form == Form.XTDY;
  }

  /** Floating-point operations. */
  double flops() {
    return 2.0 * rows * in * out;
  }
}
