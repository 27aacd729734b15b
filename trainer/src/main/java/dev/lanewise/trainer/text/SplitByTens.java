package dev.lanewise.trainer.text;

import dev.lanewise.engine.random.RandomStream;
import dev.lanewise.trainer.text.DocumentFiles.Piece;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Of every ten documents that follow each other one validates, drawn by seed: a tenth, wherever in
 * the files it matters, without knowing how many there will be. Of fewer than ten in all it is one
 * too, and of one alone none.
 */
final class SplitByTens {

  /** A stream of its own: see {@code SeededOrder}. */
  private static final long STEP = -4;

  private static final int TEN = 10;

  private final RandomStream random;
  private final DocumentFiles.Sink training;
  private final DocumentFiles.Sink validation;
  private final List<List<Piece>> ten = new ArrayList<>();
  private boolean hasDrawn;

  SplitByTens(long seed, DocumentFiles.Sink training, DocumentFiles.Sink validation) {
    this.random = new RandomStream(seed, RandomStream.DATA, STEP);
    this.training = training;
    this.validation = validation;
  }

  void add(List<Piece> document) throws IOException {
    ten.add(document);
    if (ten.size() == TEN) {
      pass(random.nextInt(TEN));
    }
  }

  /** Passes on what is left. */
  void finish() throws IOException {
    int drawn = random.nextInt(TEN);
    if (hasDrawn) {
      pass(drawn);
    } else if (ten.size() > 1) {
      pass(drawn % ten.size());
    } else {
      pass(TEN);
    }
  }

  private void pass(int drawn) throws IOException {
    hasDrawn = true;
    for (int i = 0; i < ten.size(); i++) {
      (i == drawn ? validation : training).accept(ten.get(i));
    }
    ten.clear();
  }
}
