package dev.lanewise.kernels.scalar;

import dev.lanewise.kernels.Attention;
import dev.lanewise.kernels.Softmax;

/** Causal attention of one head, one dot product at a time. */
final class ScalarAttention implements Attention {

  private final Softmax softmax;

  ScalarAttention(Softmax softmax) {
    this.softmax = softmax;
  }

  @Override
  public int scratchSize(int time, int headSize) {
    return time * time;
  }

  @Override
  public void forward(
      int time,
      int headSize,
      float[] qkv,
      int qOffset,
      int kOffset,
      int vOffset,
      int qkvStride,
      float[] out,
      int outOffset,
      int outStride,
      float[] probabilities,
      int probabilitiesOffset,
      float[] scratch,
      int scratchOffset) {
    float scale = 1f / (float) Math.sqrt(headSize);
    for (int t = 0; t < time; t++) {
      int row = probabilitiesOffset + t * time;
      int q = qOffset + t * qkvStride;
      for (int s = 0; s <= t; s++) {
        probabilities[row + s] = dot(headSize, qkv, q, qkv, kOffset + s * qkvStride);
      }
      softmax.forward(1, t + 1, scale, probabilities, row, time, probabilities, row, time);
      for (int d = 0; d < headSize; d++) {
        float sum = 0f;
        for (int s = 0; s <= t; s++) {
          sum = Math.fma(probabilities[row + s], qkv[vOffset + s * qkvStride + d], sum);
        }
        out[outOffset + t * outStride + d] = sum;
      }
    }
  }

  @Override
  public void backward(
      int time,
      int headSize,
      float[] qkv,
      int qOffset,
      int kOffset,
      int vOffset,
      int qkvStride,
      float[] probabilities,
      int probabilitiesOffset,
      float[] dOut,
      int dOutOffset,
      int dOutStride,
      float[] dqkv,
      int dqOffset,
      int dkOffset,
      int dvOffset,
      float[] scratch,
      int scratchOffset) {
    float scale = 1f / (float) Math.sqrt(headSize);
    for (int t = 0; t < time; t++) {
      int p = probabilitiesOffset + t * time;
      int dz = scratchOffset + t * time;
      for (int s = 0; s <= t; s++) {
        scratch[dz + s] =
            dot(headSize, dOut, dOutOffset + t * dOutStride, qkv, vOffset + s * qkvStride);
      }
      softmax.backward(
          1, t + 1, scale, probabilities, p, time, scratch, dz, time, scratch, dz, time);
    }
    for (int t = 0; t < time; t++) {
      for (int d = 0; d < headSize; d++) {
        float dq = 0f;
        for (int s = 0; s <= t; s++) {
          float dz = scratch[scratchOffset + t * time + s];
          dq = Math.fma(dz, qkv[kOffset + s * qkvStride + d], dq);
        }
        dqkv[dqOffset + t * qkvStride + d] = dq;
      }
    }
    for (int s = 0; s < time; s++) {
      for (int d = 0; d < headSize; d++) {
        float dk = 0f;
        float dv = 0f;
        for (int t = s; t < time; t++) {
          float dz = scratch[scratchOffset + t * time + s];
          float p = probabilities[probabilitiesOffset + t * time + s];
          dk = Math.fma(dz, qkv[qOffset + t * qkvStride + d], dk);
          dv = Math.fma(p, dOut[dOutOffset + t * dOutStride + d], dv);
        }
        dqkv[dkOffset + s * qkvStride + d] = dk;
        dqkv[dvOffset + s * qkvStride + d] = dv;
      }
    }
  }

  @Override
  public void last(
      int time,
      int headSize,
      float[] query,
      int queryOffset,
      float[] keys,
      int keysOffset,
      int keyStride,
      float[] values,
      int valuesOffset,
      int valueStride,
      float[] out,
      int outOffset,
      float[] scratch,
      int scratchOffset) {
    float scale = 1f / (float) Math.sqrt(headSize);
    for (int s = 0; s < time; s++) {
      float z = 0f;
      for (int d = 0; d < headSize; d++) {
        z = Math.fma(query[queryOffset + d], keys[keysOffset + d * keyStride + s], z);
      }
      scratch[scratchOffset + s] = z;
    }
    softmax.forward(1, time, scale, scratch, scratchOffset, time, scratch, scratchOffset, time);
    for (int d = 0; d < headSize; d++) {
      float sum = 0f;
      for (int s = 0; s < time; s++) {
        sum = Math.fma(scratch[scratchOffset + s], values[valuesOffset + s * valueStride + d], sum);
      }
      out[outOffset + d] = sum;
    }
  }

  private static float dot(int n, float[] a, int aOffset, float[] b, int bOffset) {
    float sum = 0f;
    for (int i = 0; i < n; i++) {
      sum = Math.fma(a[aOffset + i], b[bOffset + i], sum);
    }
    return sum;
  }
}
