package dev.lanewise.trainer.text.token;

/**
 * Draws steps of packed documents. An epoch has all windows, and so each document once, in a random
 * order. Windows are taken from one epoch after another, so that a step may span two.
 */
public final class DocumentSampler implements StepSampler {

  private final DocumentFile file;
  private final Packing packing;
  private final int batch;
  private final PackedStep drawn;
  private final WindowOrder order;
  private long orderEpoch = -1;

  /**
   * Makes a sampler; packs all documents.
   *
   * @param batch windows of a micro-batch
   * @param context T, the rows of a window
   * @param microBatches of a step
   * @throws CorpusTooShortException when there is no document
   * @throws IllegalArgumentException if a document is longer
   */
  public DocumentSampler(DocumentFile file, int batch, int context, int microBatches, long seed) {
    if (file.documents() == 0) {
      throw new CorpusTooShortException("there is no document to train on");
    }
    this.file = file;
    this.packing = Packing.of(file, context, seed);
    this.batch = batch;
    this.drawn = PackedStep.of(microBatches, batch, context);
    this.order = new WindowOrder(seed, packing.windows(), 1);
  }

  @Override
  public StepTokens draw(long step) {
    int microBatches = drawn.microBatches();
    for (int a = 0; a < microBatches; a++) {
      PackedWindows windows = drawn.packed().get(a);
      windows.clear();
      for (int b = 0; b < batch; b++) {
        packing.addTo(windows, file, window((step * microBatches + a) * batch + b));
      }
    }
    return drawn;
  }

  private int window(long drawnWindow) {
    long epoch = drawnWindow / packing.windows();
    if (epoch != orderEpoch) {
      order.begin(epoch);
      orderEpoch = epoch;
    }
    return (int) order.window(drawnWindow % packing.windows());
  }

  @Override
  public long windowsPerEpoch() {
    return packing.windows();
  }

  @Override
  public long rowsPerEpoch() {
    return file.tokens().size() - file.documents();
  }
}
