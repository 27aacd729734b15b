package dev.lanewise.trainer.step;

import dev.lanewise.engine.cluster.Collectives;
import dev.lanewise.model.memory.Batch;
import dev.lanewise.model.memory.RowGradients;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * The tokens of passes on their way from rank 0 to all others, in the order in which they were
 * added: so only rank 0 reads the text, and what a pass is made of is for it alone to know. A token
 * takes eight bytes, nothing beside the gradients.
 */
final class SentBatches {

  private int[] numbers = new int[1 << 12];
  private int end;
  private int[] starts = new int[16];
  private int count;

  /** Forgets all of them. */
  void clear() {
    end = 0;
    count = 0;
  }

  /** Adds a pass: its documents' lengths, then ids, then targets. */
  void add(Batch batch) {
    int rows = batch.rows();
    int documents = batch.documents();
    reserve(2 + documents + 2 * rows);
    note();
    numbers[end++] = documents;
    numbers[end++] = rows;
    for (int document = 0; document < documents; document++) {
      numbers[end++] = batch.length(document);
    }
    System.arraycopy(batch.inputs(), 0, numbers, end, rows);
    System.arraycopy(batch.targets(), 0, numbers, end + rows, rows);
    end += 2 * rows;
  }

  private void reserve(int more) {
    if (numbers.length - end < more) {
      numbers = Arrays.copyOf(numbers, Math.max(2 * numbers.length, end + more));
    }
  }

  private void note() {
    if (count == starts.length) {
      starts = Arrays.copyOf(starts, 2 * count);
    }
    starts[count++] = end;
  }

  /** Gives all ranks what rank 0 has added. */
  void broadcast(Collectives collectives) {
    int[] length = {end};
    collectives.broadcast(MemorySegment.ofArray(length));
    if (collectives.cluster().rank() > 0) {
      clear();
      reserve(length[0]);
    }
    collectives.broadcast(
        MemorySegment.ofArray(numbers).asSlice(0, (long) Integer.BYTES * length[0]));
    while (end < length[0]) {
      note();
      end += 2 + numbers[end] + 2 * numbers[end + 1];
    }
  }

  /** Returns how many passes there are. */
  int count() {
    return count;
  }

  /** Hands a pass its tokens. */
  void give(int number, Batch batch) {
    int at = starts[number];
    int documents = numbers[at];
    int[] lengths = Arrays.copyOfRange(numbers, at + 2, at + 2 + documents);
    int ids = at + 2 + documents;
    int rows = numbers[at + 1];
    int[] targets = Arrays.copyOfRange(numbers, ids + rows, ids + 2 * rows);
    int[] inputs = Arrays.copyOfRange(numbers, ids, ids + rows);
    batch.takeDocuments(inputs, targets, 0, lengths, 0, documents);
  }

  /** Names the rows of tables that a pass touches. */
  void touch(int number, RowGradients rows) {
    int at = starts[number];
    int documents = numbers[at];
    int[] lengths = Arrays.copyOfRange(numbers, at + 2, at + 2 + documents);
    rows.touchDocuments(numbers, at + 2 + documents, lengths, 0, documents);
  }
}
