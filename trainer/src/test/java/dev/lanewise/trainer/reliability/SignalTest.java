package dev.lanewise.trainer.reliability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.lanewise.trainer.cli.LanewiseProcess;
import dev.lanewise.trainer.cli.jvm.ChildJvm;
import dev.lanewise.trainer.fixture.SmallSettings;
import dev.lanewise.trainer.fixture.Texts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * The first TERM or Ctrl-C completes the step, saves, and ends with 0 and the command that resumes,
 * whatever the program is at; the second ends it at once, unless it is the first that came again.
 */
@Tag("programs")
@EnabledOnOs(
    value = {OS.LINUX, OS.MAC},
    disabledReason = "there are no such signals")
@Timeout(120)
class SignalTest {

  /** Longer than any test waits for. */
  private static final String FOREVER = "1000000";

  /** In nanoseconds: what follows a signal so soon is the same one. */
  private static final long SAME_SIGNAL = 1_000_000_000;

  @TempDir private Path folder;
  private Path run;

  @BeforeEach
  void chooseFolder() {
    run = folder.resolve("run");
  }

  private LanewiseProcess train(int textLength, String options) throws IOException {
    Path text = Files.writeString(folder.resolve("text.txt"), Texts.words(textLength));
    List<String> arguments = SmallSettings.trainCommand(text, run, options.split(" ", -1));
    return LanewiseProcess.start(folder.resolve("output.txt"), List.of(), arguments);
  }

  private void requireSavedAfter(LanewiseProcess process, long steps) throws Exception {
    assertThat(process.exitCode()).as(process.output()).isZero();
    assertThat(process.output())
        .contains(
            "stopping after this step",
            "Stopped after " + steps + " of ",
            "./lanewise train --resume --out " + run);
    assertThat(new RunResult(run).newestState().at("/state/step").longValue()).isEqualTo(steps);
  }

  @Test
  void controlCCompletesTheStepAndSaves() throws Exception {
    assumeFalse(ChildJvm.ignoreInterrupt(), "this build runs in the background");
    try (LanewiseProcess process =
        train(4000, "--evaluate-every=N --checkpoint-every=N --steps=N".replace("N", FOREVER))) {
      process.awaitOutput("step 1/");
      process.signal("INT");
      assertThat(process.exitCode()).as(process.output()).isZero();
      long steps = new RunResult(run).metrics().size();
      requireSavedAfter(process, steps);
    }
  }

  @Test
  void anEvaluationIsGivenUpAndMadeWhenTheRunResumes() throws Exception {
    // Two hundred thousand characters to validate on: long enough to be met in the middle.
    int textLength = 2_000_000;
    String options = "--batch=1 --evaluate-every=1 --steps=1 --warmup=0";
    try (LanewiseProcess process = train(textLength, options)) {
      process.awaitOutput("step 1/1: loss");
      process.signal("TERM");
      requireSavedAfter(process, 1);
      assertThat(process.output()).doesNotContain("validation loss");
    }
    assertThat(new RunResult(run).newestState().at("/state/best").isNull()).isTrue();
    try (LanewiseProcess process =
        LanewiseProcess.start(
            folder.resolve("resumed.txt"),
            List.of(),
            List.of("train", "--resume", "--out", run.toString(), "--threads=1"))) {
      ProcessRuns.requireSuccess(process);
      assertThat(process.output()).contains("step 1: validation loss");
    }
    RunResult resumed = new RunResult(run);
    run = folder.resolve("whole");
    try (LanewiseProcess process = train(textLength, options)) {
      ProcessRuns.requireSuccess(process);
    }
    RunResult whole = new RunResult(run);
    assertThat(resumed.metrics()).isEqualTo(whole.metrics());
    assertThat(resumed.weights()).isEqualTo(whole.weights());
    assertThat(resumed.newestState()).isEqualTo(whole.newestState());
  }

  @Test
  void aSampleIsGivenUp() throws Exception {
    try (LanewiseProcess process =
        train(
            4000,
            "--batch=1 --sample-tokens=N --evaluate-every=3 --steps=N".replace("N", FOREVER))) {
      process.awaitOutput("step 3: validation loss");
      process.signal("TERM");
      requireSavedAfter(process, 3);
      assertThat(process.output()).doesNotContain("--- sample");
    }
  }

  @Test
  void theSecondSignalEndsAtOnce() throws Exception {
    try (LanewiseProcess process = train(4000, "--batch=64 --accumulation=20000 --steps=2")) {
      process.awaitOutput("Ctrl-C saves and stops");
      long first = System.nanoTime();
      process.signal("TERM");
      process.awaitOutput("stopping after this step");
      process.signal("TERM");
      boolean same = System.nanoTime() - first < SAME_SIGNAL;
      LockSupport.parkNanos(SAME_SIGNAL);
      if (same) {
        assertThat(process.isAlive()).as("one signal that came twice").isTrue();
      }
      // The process counts its second from a moment that is not known here.
      while (process.isAlive()) {
        process.terminate();
        LockSupport.parkNanos(SAME_SIGNAL / 20);
      }
      assertThat(process.exitCode()).as(process.output()).isEqualTo(128 + 15);
    }
    assertThat(new RunResult(run).checkpoints()).isEmpty();
  }
}
