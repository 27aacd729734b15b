package dev.lanewise.kernels.vector;

import dev.lanewise.kernels.Embedding;

/** Table look-ups: each row is one vector sum. */
final class VectorEmbedding implements Embedding {

  @Override
  public void gather(
      int time,
      int width,
      int[] ids,
      int idsOffset,
      int firstPosition,
      float[] tokens,
      int tokensOffset,
      float[] positions,
      int positionsOffset,
      float[] y,
      int yOffset) {
    for (int t = 0; t < time; t++) {
      int token = tokensOffset + ids[idsOffset + t] * width;
      int position = positionsOffset + (firstPosition + t) * width;
      VectorElementwise.sum(width, tokens, token, positions, position, y, yOffset + t * width);
    }
  }

  @Override
  public void scatterAdd(
      int time,
      int width,
      int[] ids,
      int idsOffset,
      float[] dy,
      int dyOffset,
      float[] dTokens,
      int dTokensOffset,
      float[] dPositions,
      int dPositionsOffset) {
    for (int t = 0; t < time; t++) {
      int row = dyOffset + t * width;
      int token = dTokensOffset + ids[idsOffset + t] * width;
      int position = dPositionsOffset + t * width;
      VectorElementwise.sum(width, dTokens, token, dy, row, dTokens, token);
      VectorElementwise.sum(width, dPositions, position, dy, row, dPositions, position);
    }
  }
}
