package dev.lanewise.trainer.generate;

import dev.lanewise.model.Decoder;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/** Texts that are being written, whose tokens go through the model together. */
final class SideBySide {

  /** Most texts: beyond it they gain little from each other, and each takes memory. */
  static final int MOST = 32;

  private final Decoder decoder;
  private final int vocabularySize;
  private final BooleanSupplier stop;
  private final List<Writing> texts = new ArrayList<>();
  private final int[] firstRows = new int[MOST];
  private final PassTimes times;

  /**
   * Makes it without a text.
   *
   * @param vocabularySize logits of a row
   * @param stop asked before each pass; true ends all texts
   */
  SideBySide(Decoder decoder, int vocabularySize, BooleanSupplier stop) {
    this.decoder = decoder;
    this.vocabularySize = vocabularySize;
    this.stop = stop;
    this.times = new PassTimes(decoder.maxRows());
  }

  boolean hasRoom() {
    return texts.size() < MOST;
  }

  boolean isEmpty() {
    return texts.isEmpty();
  }

  /** Chooses the first token of a text, which then goes on with the others. */
  void begin(Writing text, float[] logits) {
    if (stop.getAsBoolean()) {
      text.stop();
      return;
    }
    text.take(logits, 0, vocabularySize, stop);
    if (!text.hasEnded()) {
      texts.add(text);
    }
  }

  /** Chooses the next token of each text, or several. Texts that end leave. */
  void pass() {
    if (isEmpty()) {
      return;
    }
    if (stop.getAsBoolean()) {
      texts.forEach(Writing::stop);
      texts.clear();
      return;
    }
    texts.forEach(Writing::makeRoom);
    int most = decoder.maxRows() / texts.size();
    int rows = 0;
    for (int i = 0; i < texts.size(); i++) {
      firstRows[i] = rows;
      int others = rows + texts.size() - 1 - i;
      rows += texts.get(i).add(most, times, others, texts.size());
    }
    int along = 0;
    for (int i = 0; i < texts.size(); i++) {
      along += texts.get(i).addNextRows();
    }
    long begun = System.nanoTime();
    float[] logits = decoder.run(rows);
    times.add(rows + along, System.nanoTime() - begun);
    for (int i = 0; i < texts.size(); i++) {
      texts.get(i).take(logits, firstRows[i] * vocabularySize, vocabularySize, stop);
    }
    texts.removeIf(Writing::hasEnded);
  }
}
