package dev.lanewise.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Test;

/** The allocation test itself: it sees a boxed vector, and nothing where there is none. */
class WarmthTest {

  /** What a vector that reaches it is boxed for. */
  private FloatVector escaped;

  @Test
  void seesABoxedVector() {
    Slice slice = Slice.in(Values.ORDINARY, 1, 16);
    Call boxing =
        Call.of(
            "boxing",
            (k, s) ->
                escaped =
                    FloatVector.fromArray(FloatVector.SPECIES_128, s[0].array, s[0].offset).add(1f),
            slice);
    assertThat(Warmth.allocatingWhenWarm(List.of(boxing), TwinTest.VECTOR, 1_000_000_000L))
        .hasSize(1);
    assertThat(escaped.lane(0)).isEqualTo(slice.get(0) + 1f);
  }

  /** Not always, but too often for it to be the JVM's doing. */
  @Test
  void seesOneThatIsBoxedNowAndThen() {
    int[] count = {0};
    Call boxing =
        Call.of(
            "boxing now and then",
            (k, s) -> {
              if (count[0]++ % 6 == 0) {
                escaped =
                    FloatVector.fromArray(FloatVector.SPECIES_128, s[0].array, s[0].offset).add(1f);
              }
            },
            Slice.in(Values.ORDINARY, 1, 16));
    assertThat(Warmth.allocatingWhenWarm(List.of(boxing), TwinTest.VECTOR, 1_000_000_000L))
        .hasSize(1);
  }

  @Test
  void seesNothingInALoopOfScalars() {
    Call scalar =
        Call.of(
            "scalar", (k, s) -> s[0].set(0, s[0].get(1) + 1f), Slice.out(Values.ORDINARY, 1, 2));
    assertThat(Warmth.allocatingWhenWarm(List.of(scalar), TwinTest.VECTOR, 1_000_000_000L))
        .isEmpty();
  }
}
