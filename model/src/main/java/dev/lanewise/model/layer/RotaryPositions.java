package dev.lanewise.model.layer;

import dev.lanewise.engine.profile.LayerEvent;
import dev.lanewise.engine.profile.LayerWork;
import dev.lanewise.engine.tensor.Activation;
import dev.lanewise.engine.tensor.Initializer;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.Rotary;
import dev.lanewise.model.memory.Batch;
import dev.lanewise.model.memory.Blueprint;
import dev.lanewise.model.memory.Pass;
import java.util.stream.IntStream;

/**
 * Rotary positions (Su et al., 2021): pairs of elements of each query and key turn by an angle that
 * grows with the position. Angles are computed in float64, cosines and sines rounded once.
 */
public final class RotaryPositions implements Positions {

  private static final String NAME = "positions";

  /** Of a float that turns: it is read and written. */
  private static final LayerWork FORWARD_WORK =
      LayerWork.floats(NAME, LayerWork.FORWARD, "rotary", 2);

  private static final LayerWork BACKWARD_WORK =
      LayerWork.floats(NAME, LayerWork.BACKWARD, "rotary", 2);

  private final Choice choice;
  private final int context;
  private final Rotary kernel;

  /** Computed as far as they are needed: a context can be far longer than any text. */
  private volatile Angles angles = new Angles(0, null, null);

  private RotaryPositions(Blueprint blueprint, Choice choice) {
    this.choice = choice;
    this.context = blueprint.context();
    this.kernel = blueprint.kernels().rotary();
  }

  /** A row for each position up to a number of them, a column for each pair. */
  private record Angles(int positions, Matrix cos, Matrix sin) {

    /** At first, and the least that they grow by. */
    private static final int FEWEST = 256;

    private static Angles of(Choice choice, int positions) {
      int half = choice.rotated / 2;
      float[] cos = new float[Math.multiplyExact(positions, half)];
      float[] sin = new float[cos.length];
      double[] frequencies = IntStream.range(0, half).mapToDouble(choice::frequency).toArray();
      for (int position = 0; position < positions; position++) {
        for (int i = 0; i < half; i++) {
          double angle = position * frequencies[i];
          cos[position * half + i] = (float) StrictMath.cos(angle);
          sin[position * half + i] = (float) StrictMath.sin(angle);
        }
      }
      return new Angles(positions, Matrix.of(cos, 0, half), Matrix.of(sin, 0, half));
    }
  }

  private Angles angles(int positions) {
    Angles known = angles;
    return positions <= known.positions ? known : moreAngles(positions);
  }

  /** Workers come here at the same time. */
  private synchronized Angles moreAngles(int positions) {
    if (positions > angles.positions) {
      long more = Math.max(positions, Math.max(Angles.FEWEST, 2L * angles.positions));
      angles = Angles.of(choice, (int) Math.min(context, more));
    }
    return angles;
  }

  /**
   * The choice of rotary positions.
   *
   * @param headSize floats of a head
   * @param rotated how many of them turn, an even number; the others stay as they are
   * @param theta the base: pair i turns by position · theta^(-2 i / rotated)
   * @param scaling how frequencies are changed for long contexts
   */
  public record Choice(int headSize, int rotated, double theta, RotaryScaling scaling)
      implements Positions.Choice {

    @Override
    public Positions layer(Blueprint blueprint, int width, Initializer initializer) {
      return new RotaryPositions(blueprint, this);
    }

    private double frequency(int pair) {
      return scaling.scale(StrictMath.pow(theta, -2.0 * pair / rotated));
    }

    @Override
    public double[] defineHead(double[] head, int position) {
      double[] turned = head.clone();
      int half = rotated / 2;
      for (int i = 0; i < half; i++) {
        double c = Math.cos(position * frequency(i));
        double s = Math.sin(position * frequency(i));
        turned[i] = head[i] * c - head[i + half] * s;
        turned[i + half] = head[i + half] * c + head[i] * s;
      }
      return turned;
    }
  }

  @Override
  public void rotate(Pass pass, Activation q, Activation k) {
    LayerEvent event = LayerEvent.start(pass.member());
    turn(pass, false, q, k);
    pass.barrier();
    LayerEvent.end(event, FORWARD_WORK, ownFloats(pass, q, k));
  }

  @Override
  public void rotateBackward(Pass pass, Activation dq, Activation dk) {
    LayerEvent event = LayerEvent.start(pass.member());
    pass.barrier();
    turn(pass, true, dq, dk);
    LayerEvent.end(event, BACKWARD_WORK, ownFloats(pass, dq, dk));
  }

  private long ownFloats(Pass pass, Activation q, Activation k) {
    return (long) pass.ownRows() * ((q.columns() + k.columns()) / choice.headSize) * choice.rotated;
  }

  private void turn(Pass pass, boolean back, Activation q, Activation k) {
    Batch batch = pass.batch();
    int to = pass.toRow();
    int row = pass.fromRow();
    for (int document = batch.documentOf(row); row < to; document++) {
      int n = Math.min(batch.endRow(document), to) - row;
      int position = batch.firstPosition(document) + row - batch.firstRow(document);
      Angles of = angles(position + n);
      int size = choice.headSize;
      kernel.rotate(row, n, size, back, of.cos, of.sin, position, pass.view(q));
      kernel.rotate(row, n, size, back, of.cos, of.sin, position, pass.view(k));
      row += n;
    }
  }
}
