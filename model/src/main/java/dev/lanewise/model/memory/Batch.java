package dev.lanewise.model.memory;

import dev.lanewise.kernels.CrossEntropy;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * The tokens of a pass: documents one after another, a row for each token. Each document is a text
 * of its own, and no row sees another document. Its positions begin at 0, or where a {@link
 * Decoding} has come to. Sequences of equal length are documents too. Each row has an input id and
 * the id that is to follow it, or {@link #UNCOUNTED} where nothing is to be learned.
 */
public final class Batch {

  /** The target of a row that the loss leaves out; -100, as elsewhere. */
  public static final int UNCOUNTED = CrossEntropy.UNCOUNTED;

  private final int[] inputs;
  private final int[] targets;
  private final int[] starts;
  private final int[] positions;
  private final int longest;
  private int documents;
  private long pairs;

  /** Makes room for that many rows, of one document or of several. */
  public Batch(int rows) {
    this(rows, rows);
  }

  /** Makes room for that many rows, of documents that are no longer than {@code longest}. */
  Batch(int rows, int longest) {
    this.inputs = new int[rows];
    this.targets = new int[rows];
    this.starts = new int[rows + 1];
    this.positions = new int[rows];
    this.longest = longest;
  }

  /** Returns an empty one with room for as much. */
  Batch another() {
    return new Batch(inputs.length, longest);
  }

  /**
   * Takes {@code sequences} windows of {@code time + 1} ids, one after another. The first {@code
   * time} of a window are inputs, the last {@code time} are targets. Each is a document.
   *
   * @throws IndexOutOfBoundsException if the array, or this batch, is too small
   */
  public void takeWindows(int[] windows, int offset, int sequences, int time) {
    divideEvenly(sequences, time);
    for (int s = 0; s < sequences; s++) {
      int window = offset + s * (time + 1);
      System.arraycopy(windows, window, inputs, s * time, time);
      System.arraycopy(windows, window + 1, targets, s * time, time);
    }
  }

  /**
   * Takes {@code sequences} rows of {@code time} ids and as many targets, row by row: any ids, or
   * {@link #UNCOUNTED} for what the loss leaves out. Each sequence is a document.
   *
   * @param offset of the first row, in both arrays
   * @throws IndexOutOfBoundsException if an array, or this batch, is too small
   */
  public void takeRows(int[] ids, int[] following, int offset, int sequences, int time) {
    divideEvenly(sequences, time);
    System.arraycopy(ids, offset, inputs, 0, rows());
    System.arraycopy(following, offset, targets, 0, rows());
  }

  /**
   * Takes documents of any lengths, one after another: ids and as many targets, as {@link
   * #takeRows}. What follows a document's last token is for its own targets to say; where nothing
   * does, that is {@link #UNCOUNTED}.
   *
   * @param offset of the first row, in both arrays
   * @param lengths of the documents
   * @param from the first of them
   * @param documents how many
   * @throws IndexOutOfBoundsException if an array, or this batch, is too small
   * @throws IllegalArgumentException if a document is empty or longer than the pass has positions
   */
  public void takeDocuments(
      int[] ids, int[] following, int offset, int[] lengths, int from, int documents) {
    Objects.checkFromIndexSize(from, documents, lengths.length);
    long rows = 0;
    for (int i = from; i < from + documents; i++) {
      check(lengths[i]);
      rows += lengths[i];
    }
    if (rows > inputs.length) {
      throw new IndexOutOfBoundsException(
          "documents of %d rows in a batch of %d".formatted(rows, inputs.length));
    }
    this.documents = documents;
    this.pairs = 0;
    Arrays.fill(positions, 0, documents, 0);
    for (int document = 0; document < documents; document++) {
      starts[document + 1] = starts[document] + lengths[from + document];
      pairs += pairs(document);
    }
    System.arraycopy(ids, offset, inputs, 0, rows());
    System.arraycopy(following, offset, targets, 0, rows());
  }

  /**
   * Takes the tokens that texts have noted and that have not gone through the model, without
   * targets.
   *
   * @param rows how many of each text
   * @param documents how many texts
   */
  void takeNext(List<Decoding> texts, int[] rows, int documents) {
    this.documents = documents;
    this.pairs = 0;
    for (int document = 0; document < documents; document++) {
      Decoding text = texts.get(document);
      int row = starts[document];
      starts[document + 1] = row + rows[document];
      positions[document] = text.length();
      pairs += pairs(document);
      System.arraycopy(text.ids(), text.length(), inputs, row, rows[document]);
    }
  }

  private void divideEvenly(int sequences, int time) {
    Objects.checkFromIndexSize(0, Math.multiplyExact(sequences, time), inputs.length);
    check(time);
    for (int document = 1; document <= sequences; document++) {
      starts[document] = document * time;
    }
    Arrays.fill(positions, 0, sequences, 0);
    this.documents = sequences;
    this.pairs = sequences == 0 ? 0 : sequences * pairs(0);
  }

  private void check(int length) {
    if (length < 1 || length > longest) {
      throw new IllegalArgumentException(
          "a document of %d tokens; from 1 to %d are possible".formatted(length, longest));
    }
  }

  /** Returns the rows. */
  public int rows() {
    return starts[documents];
  }

  /** Returns the documents. */
  public int documents() {
    return documents;
  }

  /** Returns the first row of a document. */
  public int firstRow(int document) {
    return starts[document];
  }

  /** Returns the end (exclusive) of a document's rows. */
  public int endRow(int document) {
    return starts[document + 1];
  }

  /** Returns the rows of a document. */
  public int length(int document) {
    return starts[document + 1] - starts[document];
  }

  /** Returns the position of a document's first row: how many tokens its text had before. */
  public int firstPosition(int document) {
    return positions[document];
  }

  /** Returns the document of a row. */
  public int documentOf(int row) {
    int place = Arrays.binarySearch(starts, 0, documents, row);
    return place < 0 ? -place - 2 : place;
  }

  /** Returns the pairs of a row of a document and one that it sees, itself among them. */
  public long pairs(int document) {
    long length = length(document);
    return length * (length + 1) / 2 + length * positions[document];
  }

  /** Returns the pairs of all documents: what the cost of attention grows with. */
  public long pairs() {
    return pairs;
  }

  /** Returns how many rows have a target that counts: what a mean loss is the mean of. */
  public int counted() {
    return counted(targets, 0, rows());
  }

  /** Returns how many of so many targets from an offset on count. */
  public static int counted(int[] targets, int offset, int count) {
    int counted = 0;
    for (int i = offset; i < offset + count; i++) {
      counted += targets[i] == UNCOUNTED ? 0 : 1;
    }
    return counted;
  }

  /** Returns the input ids, row by row. */
  public int[] inputs() {
    return inputs;
  }

  /** Returns the target ids, row by row. */
  public int[] targets() {
    return targets;
  }
}
