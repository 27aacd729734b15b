package dev.lanewise.kernels.scalar;

import dev.lanewise.kernels.Embedding;

/** Table look-ups in plain loops. */
final class ScalarEmbedding implements Embedding {

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
      for (int j = 0; j < width; j++) {
        y[yOffset + t * width + j] = tokens[token + j] + positions[position + j];
      }
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
      int token = dTokensOffset + ids[idsOffset + t] * width;
      int position = dPositionsOffset + t * width;
      for (int j = 0; j < width; j++) {
        dTokens[token + j] += dy[dyOffset + t * width + j];
        dPositions[position + j] += dy[dyOffset + t * width + j];
      }
    }
  }
}
