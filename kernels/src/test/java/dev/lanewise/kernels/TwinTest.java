package dev.lanewise.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lanewise.kernels.scalar.ScalarKernels;
import dev.lanewise.kernels.vector.VectorKernels;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What every operation promises of its scalar and its vector kernel: the same bits, before and
 * after C2 compiles them, nothing written outside the results, and no allocation when warm. A test
 * class per operation lists the calls.
 *
 * <p>The width under test is the system property {@code lanewise.vectorBits}.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class TwinTest {

  static final KernelSet SCALAR = ScalarKernels.create();
  static final KernelSet VECTOR = VectorKernels.create();

  /** Around every multiple of every vector's lanes, and of the lane sum's 32. */
  static final int[] SIZES = {
    0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 95, 127, 128, 129, 255, 257, 1001
  };

  /** A kernel that allocates after this many nanoseconds of calls would do so for ever. */
  private static final long PATIENCE = 150_000_000_000L;

  /** Calls that differ in sizes, offsets, strides and data. */
  abstract List<Call> calls();

  /** The calls that are repeated until C2 has compiled the kernels: small ones. */
  List<Call> warmCalls() {
    return calls();
  }

  @ParameterizedTest
  @MethodSource("calls")
  void vectorEqualsScalar(Call call) {
    assertEqual(call);
  }

  @Test
  void staysEqualWhenCompiled() {
    List<Call> calls = warmCalls();
    Warmth.warm(calls, VECTOR);
    for (Call call : calls) {
      call.restore();
      assertEqual(call);
    }
  }

  /** In a JVM of its own, as the module's build says. */
  @Test
  @Tag("allocation")
  void allocatesNothing() {
    assumeTrue(
        VectorKernels.bits() <= VectorKernels.preferredBits(),
        () ->
            "vectors of %d bits are emulated on this machine, whose widest have %d, and allocate"
                .formatted(VectorKernels.bits(), VectorKernels.preferredBits()));
    assertThat(Warmth.allocatingWhenWarm(warmCalls(), VECTOR, PATIENCE))
        .as("calls that allocate, with the bytes")
        .isEmpty();
  }

  private static void assertEqual(Call call) {
    List<Slice> expected = call.result(SCALAR);
    List<Slice> actual = call.result(VECTOR);
    for (int i = 0; i < expected.size(); i++) {
      String what = "slice " + i + " of " + call;
      Slice.assertSameBits(what, expected.get(i), actual.get(i));
      expected.get(i).assertOnlyWritableChanged("scalar, " + what);
      actual.get(i).assertOnlyWritableChanged("vector, " + what);
    }
  }
}
