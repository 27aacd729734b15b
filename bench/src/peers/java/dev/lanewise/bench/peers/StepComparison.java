package dev.lanewise.bench.peers;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs {@code lanewise bench} and {@link PyTorchStep} by turns and prints the ratios. */
@Command(
    name = "step-comparison",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Measures the training step: Lanewise and PyTorch by turns, a JVM each time.")
public final class StepComparison implements Callable<Integer> {

  /** What a preset is measured at, where that is not the preset's own batch. */
  private static final Map<String, List<String>> SIZES =
      Map.of(
          "baby-gpt", List.of("--batch", "16"),
          "gpt2-124m", List.of("--batch", "4", "--context", "64"));

  private static final int ATTEMPTS = 20;

  @Spec private CommandSpec spec;

  @Option(
      names = "--preset",
      paramLabel = "NAME",
      split = ",",
      description = "presets (default: ${DEFAULT-VALUE})")
  private List<String> presets = List.of("shakespeare-char", "chapter", "gpt2-124m", "baby-gpt");

  @Mixin private Turns turns;

  @Mixin private TorchBuilds pyTorch;

  @Option(
      names = "--steps",
      paramLabel = "N",
      description = "steps that each JVM measures (default: ${DEFAULT-VALUE})")
  private int steps = 20;

  @Option(
      names = "--company",
      paramLabel = "SHARE",
      description =
          "share of the processors that others may use before a run is thrown away and repeated"
              + " (default: ${DEFAULT-VALUE})")
  private double company = 0.03;

  @Option(
      names = "--lanewise",
      paramLabel = "JAR",
      required = true,
      description = "trainer/target/lanewise.jar")
  private Path lanewiseJar;

  /** Runs the command and ends the JVM. */
  public static void main(String[] args) {
    System.exit(
        new CommandLine(new StepComparison())
            .setCaseInsensitiveEnumValuesAllowed(true)
            .execute(args));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    Machine.here().write(turns.result("step-machine.json"));
    List<StepResult> results = new ArrayList<>();
    for (int round = 1; round <= turns.rounds(); round++) {
      for (String preset : presets) {
        for (Contender contender : Turns.inOrder(round, contenders())) {
          StepResult result = runAlone(contender, round, preset);
          results.add(result);
          out.printf(
              "round %d  %-17s %-17s %9.2f ms/step %8d MB%n",
              round,
              preset,
              contender.name(),
              result.millisecondsPerStep(),
              result.peakMegabytes());
          out.flush();
        }
      }
      StepResult.write(turns.result("step.csv"), results);
    }
    out.println();
    out.print(StepTable.of(results).toMarkdown());
    out.flush();
    return 0;
  }

  /** Repeats a run until the machine was left alone. */
  private StepResult runAlone(Contender contender, int round, String preset)
      throws IOException, InterruptedException {
    for (int attempt = 1; ; attempt++) {
      StepResult result = contender.run(round, arguments(preset));
      if (result.company() <= company) {
        return result;
      }
      if (attempt == ATTEMPTS) {
        throw new IllegalStateException(
            "others have kept the machine busy for %d runs; stop them, or see --company"
                .formatted(ATTEMPTS));
      }
      PrintWriter err = spec.commandLine().getErr();
      err.printf(
          Locale.ROOT,
          "others used %.0f %% of the machine: once more (%s, %.2f ms/step)%n",
          result.company() * 100,
          contender.name(),
          result.millisecondsPerStep());
      err.flush();
    }
  }

  private List<Contender> contenders() {
    List<Contender> contenders = new ArrayList<>();
    contenders.add(Contender.lanewise(lanewiseJar));
    contenders.addAll(pyTorch.contenders());
    return contenders;
  }

  private List<String> arguments(String preset) {
    List<String> arguments = new ArrayList<>(List.of("--preset", preset));
    arguments.addAll(SIZES.getOrDefault(preset, List.of()));
    Collections.addAll(arguments, "--threads", "" + turns.threads(), "--steps", "" + steps);
    return arguments;
  }
}
