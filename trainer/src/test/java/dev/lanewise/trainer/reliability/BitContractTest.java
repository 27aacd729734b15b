package dev.lanewise.trainer.reliability;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.trainer.fixture.HuggingFaceModels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The bit contract, from the command line to the files: the same losses and weights for any number
 * of threads, any kernels, and any way of running bytecode, with dropout and accumulation on.
 */
@Tag("programs")
class BitContractTest {

  private static final String INTERPRETED = "-Xint";

  @TempDir private Path folder;

  @Test
  @Timeout(300)
  void threadsKernelsAndTheCompilerDoNotShow() throws Exception {
    requireSameBits(
        new ProcessRuns(folder, 50, 25),
        List.of(
            Machine.of(1, "scalar"),
            Machine.of(3, "128"),
            Machine.of(8, "256"),
            Machine.of(2, "scalar", INTERPRETED)));
  }

  @Test
  @Timeout(300)
  void norDoTheyInATrainingOfAnAdapter() throws Exception {
    Path model = HuggingFaceModels.copy("llama-smollm2", folder.resolve("model"));
    requireSameBits(
        ProcessRuns.adapting(model, folder, 20, 10),
        List.of(Machine.of(1, "scalar"), Machine.of(2, "256"), Machine.of(3, "128")));
  }

  @Test
  @Tag("exhaustive")
  @Timeout(3600)
  void theyDoNotShowAfterTwoHundredSteps() throws Exception {
    List<Machine> machines = new ArrayList<>();
    for (int threads : new int[] {1, 2, 3, 5, 8}) {
      for (String kernels : List.of("scalar", "128", "256", "512")) {
        machines.add(Machine.of(threads, kernels));
      }
    }
    machines.add(Machine.of(2, "scalar", INTERPRETED));
    requireSameBits(new ProcessRuns(folder, 200, 50), machines);
  }

  /** Without C2 every vector is an object: some seconds for a step. */
  @Test
  @Tag("exhaustive")
  @Timeout(3600)
  void vectorsThatAreInterpretedDoNotShow() throws Exception {
    requireSameBits(
        new ProcessRuns(folder, 3, 1),
        List.of(
            Machine.of(1, "128", INTERPRETED),
            Machine.of(2, "256", INTERPRETED),
            Machine.of(1, "512", INTERPRETED)));
  }

  private void requireSameBits(ProcessRuns training, List<Machine> machines) throws Exception {
    RunResult reference = training.complete("reference", Machine.of(2, "256"));
    List<String> expected = reference.metrics();
    for (int i = 0; i < machines.size(); i++) {
      RunResult result = training.complete("run" + i, machines.get(i));
      assertThat(result.metrics()).as("%s", machines.get(i)).isEqualTo(expected);
      assertThat(result.weights()).as("%s", machines.get(i)).isEqualTo(reference.weights());
    }
  }
}
