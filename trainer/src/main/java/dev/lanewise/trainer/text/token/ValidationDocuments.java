package dev.lanewise.trainer.text.token;

/** Documents that validate, packed into windows: each target that counts once. */
public final class ValidationDocuments implements EvaluationTokens {

  private final DocumentFile file;
  private final int context;
  private final Packing packing;

  /** The windows of all that are part of this; null for all of them. */
  private final long[] drawn;

  private final long targets;

  /**
   * Packs all documents of a file.
   *
   * @param context T, the rows of a window
   * @throws CorpusTooShortException when there is no document
   * @throws IllegalArgumentException if a document is longer
   */
  public ValidationDocuments(DocumentFile file, int context) {
    if (file.documents() == 0) {
      throw new CorpusTooShortException("there is no document to evaluate on");
    }
    this.file = file;
    this.context = context;
    this.packing = Packing.of(file, context, 0);
    this.drawn = null;
    this.targets = file.counted();
  }

  private ValidationDocuments(ValidationDocuments of, long[] drawn) {
    this.file = of.file;
    this.context = of.context;
    this.packing = of.packing;
    this.drawn = drawn;
    long sum = 0;
    for (long window : drawn) {
      for (int i = 0; i < packing.documents((int) window); i++) {
        sum += file.counted(packing.document((int) window, i));
      }
    }
    this.targets = sum;
  }

  @Override
  public long count() {
    return drawn == null ? packing.windows() : drawn.length;
  }

  @Override
  public long targets() {
    return targets;
  }

  @Override
  public boolean standsAlone(long window) {
    return false;
  }

  @Override
  public EvaluationTokens drawn(long most, long seed) {
    long wanted = Math.ceilDiv(most, (long) context);
    return most == 0 || wanted >= count()
        ? this
        : new ValidationDocuments(this, ValidationWindows.draw(count(), wanted, seed));
  }

  @Override
  public Reader reader(int most) {
    PackedWindows room = new PackedWindows(most, context);
    return (batch, window, windows) -> {
      room.clear();
      for (long at = window; at < window + windows; at++) {
        packing.addTo(room, file, (int) (drawn == null ? at : drawn[Math.toIntExact(at)]));
      }
      room.give(batch, 0, windows);
    };
  }
}
