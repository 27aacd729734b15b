package dev.lanewise.model.family;

import dev.lanewise.engine.tensor.Activation;
import dev.lanewise.engine.tensor.Initializer;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.model.layer.Positions;
import dev.lanewise.model.memory.Batch;
import dev.lanewise.model.memory.Blueprint;
import dev.lanewise.model.memory.Pass;

/**
 * Turns neighbouring elements of a query or key by an angle that grows with the position, in plain
 * loops: positions that the main sources know nothing of, without a table.
 */
final class PlainRotation implements Positions {

  private final int headSize;

  private PlainRotation(int headSize) {
    this.headSize = headSize;
  }

  record Choice(int headSize) implements Positions.Choice {

    @Override
    public Positions layer(Blueprint blueprint, int width, Initializer table) {
      return new PlainRotation(headSize);
    }

    @Override
    public double[] defineHead(double[] head, int position) {
      double[] turned = new double[head.length];
      for (int i = 0; i < head.length; i += 2) {
        double angle = angle(position, i);
        turned[i] = head[i] * Math.cos(angle) - head[i + 1] * Math.sin(angle);
        turned[i + 1] = head[i] * Math.sin(angle) + head[i + 1] * Math.cos(angle);
      }
      return turned;
    }
  }

  private static double angle(int position, int element) {
    return 0.7 * position / (1 + element);
  }

  @Override
  public void rotate(Pass pass, Activation q, Activation k) {
    turn(pass, pass.view(q), 1);
    turn(pass, pass.view(k), 1);
    pass.barrier();
  }

  @Override
  public void rotateBackward(Pass pass, Activation dq, Activation dk) {
    pass.barrier();
    turn(pass, pass.view(dq), -1);
    turn(pass, pass.view(dk), -1);
  }

  private void turn(Pass pass, Matrix x, int direction) {
    Batch batch = pass.batch();
    for (int row = pass.fromRow(); row < pass.toRow(); row++) {
      int document = batch.documentOf(row);
      int position = batch.firstPosition(document) + row - batch.firstRow(document);
      for (int column = 0; column < x.columns(); column += 2) {
        double angle = direction * angle(position, column % headSize);
        float sin = (float) StrictMath.sin(angle);
        float cos = (float) StrictMath.cos(angle);
        int at = x.offset(row) + column;
        float even = x.data()[at];
        float odd = x.data()[at + 1];
        x.data()[at] = even * cos - odd * sin;
        x.data()[at + 1] = even * sin + odd * cos;
      }
    }
  }
}
