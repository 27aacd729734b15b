package dev.lanewise.trainer.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lanewise.trainer.profile.Profile.Machine;
import dev.lanewise.trainer.profile.Profile.Outside;
import dev.lanewise.trainer.profile.Profile.Row;
import dev.lanewise.trainer.profile.Profile.Steps;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The arithmetic: two threads, ten steps of 4 ms, so 80 ms of threads; a peak of 100 GFLOP/s. */
class ProfileTest {

  private static final long MS = 1_000_000;

  private static final Profile PROFILE =
      new Profile(
          new Steps(5, 14, 10, 5, 4, 1000),
          new Machine(2, 100, "vector", null),
          List.of(
              new Row("layers.0.attention.qkv", "forward", "matmul", 20 * MS, 5 * MS, 800 * MS, 0),
              new Row("layers.1.attention.qkv", "forward", "matmul", 10 * MS, 0, 400 * MS, 0),
              new Row("layers.1.attention.qkv", "backward", "matmul", 10 * MS, 0, 600 * MS, 0),
              new Row("final_norm", "forward", "layer norm", 30 * MS, 0, 0, 90 * MS),
              new Row(Profile.IDLE, "", "", 10 * MS, 0, 0, 0)),
          new Outside(0, 0, 0, 0),
          List.of());

  @Test
  void sharesAndMillisecondsAddUpToTheStep() {
    assertThat(PROFILE.rows().stream().mapToDouble(PROFILE::share).sum())
        .isCloseTo(1, within(1e-9));
    assertThat(PROFILE.milliseconds(PROFILE.total())).isCloseTo(4, within(1e-9));
    assertThat(PROFILE.share(PROFILE.rows().getFirst())).isCloseTo(0.25, within(1e-9));
    assertThat(PROFILE.milliseconds(PROFILE.rows().getFirst())).isCloseTo(1, within(1e-9));
    assertThat(PROFILE.tokensPerSecond()).isCloseTo(250_000, within(1e-6));
  }

  /** 800 million operations in 20 ms of a thread are 40 GFLOP/s of one, and 80 of two. */
  @Test
  void ratesAreThoseOfAllThreads() {
    Row qkv = PROFILE.rows().getFirst();
    assertThat(PROFILE.gigaflops(qkv)).isCloseTo(80, within(1e-9));
    assertThat(PROFILE.peakFraction(qkv)).isCloseTo(0.8, within(1e-9));
    assertThat(PROFILE.gigabytes(qkv)).isZero();
    assertThat(qkv.waitingShare()).isCloseTo(0.25, within(1e-9));
    Row norm = PROFILE.rows().get(3);
    assertThat(PROFILE.gigabytes(norm)).isCloseTo(6, within(1e-9));
    assertThat(PROFILE.gigaflops(norm)).isZero();
    assertThat(PROFILE.gigaflops(PROFILE.total())).isCloseTo(45, within(1e-9));
  }

  @Test
  void likeLayersOfAllBlocksAreOneRowAndTheLongestIsFirst() {
    assertThat(PROFILE.byKindOfLayer())
        .extracting(row -> row.name() + " " + row.direction() + " " + row.nanoseconds() / MS)
        .containsExactly(
            "layers.*.attention.qkv forward 30",
            "final_norm forward 30",
            "layers.*.attention.qkv backward 10",
            "idle  10");
    assertThat(PROFILE.byKernel())
        .extracting(row -> row.name() + " " + row.nanoseconds() / MS + " " + row.waited() / MS)
        .containsExactly("matmul 40 5", "layer norm 30 0", "idle 10 0");
    assertThat(PROFILE.byLayer()).hasSize(5);
  }

  @Test
  void theTableSaysWhatIsKnownAndLeavesTheRestEmpty() {
    String text = ProfileText.of(PROFILE, false);
    assertThat(text)
        .contains("Steps 5 to 14, 10 of them; the 5 before them are left out")
        .contains("On 2 threads, vector kernels, peak 100.0 GFLOP/s")
        .contains("A step takes 4.000 ms: 250,000 tokens/s, 45.0 GFLOP/s (45.0 % of the peak)")
        .containsPattern(
            "layers\\.\\*\\.attention\\.qkv +forward +matmul +37\\.5 % +1\\.500 +80\\.0 +80\\.0 % +16\\.7 %")
        .containsPattern("final_norm +forward +layer norm +37\\.5 % +1\\.500 +6\\.0\\R")
        .containsPattern("idle +12\\.5 % +0\\.500\\R")
        .containsPattern("step +100\\.0 % +4\\.000 ");
  }

  @Test
  void namesOfLayersAreTextInThePage() {
    assertThat(ProfilePage.escape("a<b>&\"c\"")).isEqualTo("a&lt;b&gt;&amp;&quot;c&quot;");
  }

  @Test
  void aNameSaysItsBlock() {
    assertThat(Block.withoutNumber("layers.11.attention.core"))
        .isEqualTo("layers.*.attention.core");
    assertThat(Block.of("layers.11.attention.core")).isEqualTo("layers.11");
    assertThat(Block.inside("layers.11.attention.core")).isEqualTo("attention.core");
    assertThat(Block.withoutNumber("head")).isEqualTo("head");
    assertThat(Block.of("head")).isEqualTo("head");
    assertThat(Block.inside("head")).isEqualTo("head");
  }
}
