package dev.lanewise.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * What a model computed: the sums of losses, each row's loss, and all gradients. In {@link
 * TestModel#outcome} the sums are, for each member of the team, those of a fresh backward, of one
 * that adds to it with a sequence less, and of an evaluation, which the rows' losses are of.
 */
public final class Outcome {

  static final float SCALE = 0.01f;

  final double[] sums;
  final float[] losses;
  final float[] gradients;

  Outcome(double[] sums, float[] losses, float[] gradients) {
    this.sums = sums;
    this.losses = losses;
    this.gradients = gradients;
  }

  /** The bits are the same, however many workers compute it, and which. */
  public void assertSameAs(Outcome expected) {
    for (int i = 0; i < sums.length; i++) {
      assertThat(sums[i]).as("sum " + i).isEqualTo(expected.sums[i % expected.sums.length]);
    }
    assertThat(bits(losses)).isEqualTo(bits(expected.losses));
    assertThat(bits(gradients)).isEqualTo(bits(expected.gradients));
    assertThat(gradients).doesNotContain(Float.NaN);
  }

  private static int[] bits(float[] values) {
    int[] bits = new int[values.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = Float.floatToIntBits(values[i]);
    }
    return bits;
  }

  /** The first digits of the SHA-256 of floats: golden values of more than can be written down. */
  static String hash(float[]... arrays) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (float[] array : arrays) {
        ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * array.length);
        bytes.asFloatBuffer().put(array);
        digest.update(bytes);
      }
      return HexFormat.of().formatHex(digest.digest()).substring(0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java has SHA-256", e);
    }
  }
}
