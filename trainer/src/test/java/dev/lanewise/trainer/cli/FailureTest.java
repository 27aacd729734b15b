package dev.lanewise.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Out of memory: what it says has to be an option of the command, and help against the cause. */
class FailureTest {

  @ParameterizedTest
  @ValueSource(strings = {"eval", "generate", "doctor"})
  void onlyTrainAndBenchAdviseABatch(String command) {
    assertThat(Failure.explain(command, new OutOfMemoryError("Java heap space")))
        .contains("-Xmx", "./lanewise " + command)
        .doesNotContain("--batch");
    assertThat(Failure.explain("train", new OutOfMemoryError("Java heap space")))
        .contains("--batch", "--context", "--threads", "--recompute on");
    assertThat(Failure.explain("generate", new OutOfMemoryError("Java heap space")))
        .contains("--max-tokens");
  }

  @Test
  void noMoreThreadsIsNotOutOfHeap() {
    String cause = "unable to create native thread: possibly out of memory";
    assertThat(Failure.explain("eval", new OutOfMemoryError(cause)))
        .contains("--threads", "ulimit -u")
        .doesNotContain("-Xmx");
    assertThat(Failure.explain("eval", new OutOfMemoryError("Metaspace")))
        .contains("Metaspace")
        .doesNotContain("-Xmx");
  }
}
