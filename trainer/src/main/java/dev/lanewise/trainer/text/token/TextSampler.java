package dev.lanewise.trainer.text.token;

/** Draws steps of equal windows of a text. */
public final class TextSampler implements StepSampler {

  private final BatchSampler sampler;
  private final int context;
  private final int[][] microBatches;
  private final TextWindows drawn;

  /**
   * Makes a sampler.
   *
   * @param batch windows of a micro-batch
   * @param context T
   * @param microBatches of a step
   * @throws CorpusTooShortException when there are fewer than T+1 tokens
   */
  public TextSampler(TokenSequence tokens, int batch, int context, int microBatches, long seed) {
    this.sampler = new BatchSampler(tokens, batch, context, seed);
    this.context = context;
    this.microBatches = new int[microBatches][Math.multiplyExact(batch, context + 1)];
    this.drawn = new TextWindows(batch, context);
    drawn.take(this.microBatches);
  }

  @Override
  public StepTokens draw(long step) {
    for (int a = 0; a < microBatches.length; a++) {
      sampler.draw(step * microBatches.length + a, microBatches[a]);
    }
    return drawn;
  }

  @Override
  public long windowsPerEpoch() {
    return sampler.windowsPerEpoch();
  }

  @Override
  public long rowsPerEpoch() {
    return sampler.windowsPerEpoch() * context;
  }
}
