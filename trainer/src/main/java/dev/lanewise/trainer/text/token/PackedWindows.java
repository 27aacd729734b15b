package dev.lanewise.trainer.text.token;

import dev.lanewise.model.memory.Batch;
import dev.lanewise.model.memory.RowGradients;
import java.util.Arrays;

/**
 * Windows filled with whole documents, a row for each token that something is predicted after. Only
 * documents are kept, one after another: what is left of a window takes no room and no time.
 */
public final class PackedWindows {

  private final int context;
  private final int[] ids;
  private final int[] targets;
  private final int[] lengths;
  private final int[] firstRows;
  private final int[] firstDocuments;
  private int windows;
  private int documents;
  private int rows;
  private int counted;
  private long pairs;

  /**
   * Makes room.
   *
   * @param most windows
   * @param context T, the most rows of a window
   */
  public PackedWindows(int most, int context) {
    int room = Math.multiplyExact(most, context);
    this.context = context;
    this.ids = new int[room];
    this.targets = new int[room];
    this.lengths = new int[room];
    this.firstRows = new int[most + 1];
    this.firstDocuments = new int[most + 1];
  }

  /** Forgets all windows. */
  public void clear() {
    windows = 0;
    documents = 0;
    rows = 0;
    counted = 0;
    pairs = 0;
  }

  /**
   * Adds a document to the window that is being filled.
   *
   * @param following for each id what is to follow, or {@link Batch#UNCOUNTED}
   * @param offset of the first row, in both arrays
   * @throws IllegalArgumentException if the document has no row, or does not fit into the window
   */
  public void add(int[] document, int[] following, int offset, int length) {
    int at = room(length);
    System.arraycopy(document, offset, ids, at, length);
    System.arraycopy(following, offset, targets, at, length);
    counted += Batch.counted(targets, at, length);
  }

  /** Adds a part of a file, as {@link #add}. */
  void add(DocumentFile file, int part) {
    int length = file.rows(part);
    int at = room(length);
    file.copy(part, ids, targets, at);
    counted += Batch.counted(targets, at, length);
  }

  /** Takes the room of a document, and returns where its first row is. */
  private int room(int length) {
    if (length < 1 || rows - firstRows[windows] + length > context) {
      throw new IllegalArgumentException(
          "a document of %d rows in a window that has room for %d"
              .formatted(length, context - rows + firstRows[windows]));
    }
    lengths[documents++] = length;
    pairs += length * (length + 1L) / 2;
    rows += length;
    return rows - length;
  }

  /** Ends the window that is being filled, which may be empty. */
  public void endWindow() {
    windows++;
    firstRows[windows] = rows;
    firstDocuments[windows] = documents;
  }

  /** Returns the windows that have ended. */
  public int windows() {
    return windows;
  }

  /** Returns the rows of all windows. */
  public int rows() {
    return rows;
  }

  int counted() {
    return counted;
  }

  long pairs() {
    return pairs;
  }

  /** Returns the lengths of a window's documents, in order. */
  public int[] documents(int window) {
    return Arrays.copyOfRange(lengths, firstDocuments[window], firstDocuments[window + 1]);
  }

  /** Returns a window's ids, or its targets, row by row. */
  public int[] rows(int window, boolean following) {
    return Arrays.copyOfRange(following ? targets : ids, firstRows[window], firstRows[window + 1]);
  }

  void give(Batch batch, int from, int count) {
    int first = firstDocuments[from];
    batch.takeDocuments(
        ids, targets, firstRows[from], lengths, first, firstDocuments[from + count] - first);
  }

  void touch(RowGradients tables, int from, int count) {
    int first = firstDocuments[from];
    tables.touchDocuments(
        ids, firstRows[from], lengths, first, firstDocuments[from + count] - first);
  }
}
