package dev.lanewise.trainer.text.token;

import java.util.BitSet;

/**
 * Which documents share a window: best fit, the longest first (Johnson, "Near-optimal bin packing
 * algorithms", 1973). Each goes into the window that it leaves the least room in, or into a new
 * one. Documents of one length come in an order drawn by seed, so that those that stand together in
 * a file do not share windows. A function of lengths, context and seed; made once for all epochs,
 * so that each has the same windows and a step can be found without those before it.
 */
final class Packing {

  /** A stream of its own: the order of windows has epochs, the split -1, drawn windows -2. */
  private static final long STEP = -3;

  private final int[] documents;
  private final int[] firsts;

  private Packing(int[] documents, int[] firsts) {
    this.documents = documents;
    this.firsts = firsts;
  }

  /**
   * Packs all documents of a file.
   *
   * @throws IllegalArgumentException if one takes more rows than a window has
   */
  static Packing of(DocumentFile file, int context, long seed) {
    int[] rows = new int[file.documents()];
    for (int document = 0; document < rows.length; document++) {
      rows[document] = file.rows(document);
    }
    return of(rows, context, seed);
  }

  /** As the other, of documents with so many rows. */
  static Packing of(int[] rows, int context, long seed) {
    int[] order = longestFirst(rows, context, SeededOrder.of(rows.length, seed, STEP));
    Windows windows = new Windows(rows.length, context);
    int[] windowOf = new int[rows.length];
    for (int document : order) {
      windowOf[document] = windows.take(rows[document]);
    }
    int[] firsts = new int[windows.count + 1];
    for (int window : windowOf) {
      firsts[window + 1]++;
    }
    addUp(firsts);
    int[] next = firsts.clone();
    int[] documents = new int[rows.length];
    for (int document : order) {
      documents[next[windowOf[document]]++] = document;
    }
    return new Packing(documents, firsts);
  }

  private static void addUp(int[] counts) {
    for (int i = 1; i < counts.length; i++) {
      counts[i] += counts[i - 1];
    }
  }

  private static int[] longestFirst(int[] rows, int context, int[] order) {
    int[] next = new int[context + 1];
    for (int length : rows) {
      if (length < 1 || length > context) {
        throw new IllegalArgumentException(
            "a document of %d rows; a window has %d".formatted(length, context));
      }
      next[context - length + 1]++;
    }
    addUp(next);
    int[] sorted = new int[rows.length];
    for (int document : order) {
      sorted[next[context - rows[document]]++] = document;
    }
    return sorted;
  }

  /** Windows by the room that is left in them: for each room a list of windows. */
  private static final class Windows {

    private final int context;
    private final int[] heads;
    private final int[] after;
    private final BitSet rooms;
    private int count;

    Windows(int most, int context) {
      this.context = context;
      this.heads = new int[context + 1];
      this.after = new int[most];
      this.rooms = new BitSet(context + 1);
    }

    /** Finds a window for so many rows. */
    int take(int rows) {
      int room = rooms.nextSetBit(rows);
      int window;
      if (room < 0) {
        room = context;
        window = count++;
      } else {
        window = heads[room];
        heads[room] = after[window];
        if (heads[room] < 0) {
          rooms.clear(room);
        }
      }
      int left = room - rows;
      after[window] = rooms.get(left) ? heads[left] : -1;
      heads[left] = window;
      rooms.set(left);
      return window;
    }
  }

  /** Returns the number of windows. */
  int windows() {
    return firsts.length - 1;
  }

  /** Returns the number of documents in a window. */
  int documents(int window) {
    return firsts[window + 1] - firsts[window];
  }

  /** Returns a document of a window. */
  int document(int window, int index) {
    return documents[firsts[window] + index];
  }

  /** Adds a window to others. */
  void addTo(PackedWindows target, DocumentFile file, int window) {
    for (int i = firsts[window]; i < firsts[window + 1]; i++) {
      target.add(file, documents[i]);
    }
    target.endWindow();
  }
}
