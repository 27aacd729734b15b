package dev.lanewise.bench.peers;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * How long it takes to learn as much: a preset of ours that learns fast, against PyTorch's training
 * of nanoGPT's recipe. PyTorch is given nothing but its steps: no start, no text, no evaluation.
 */
@Command(
    name = "learning-comparison",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Measures the time of learning: Lanewise and PyTorch by turns.")
public final class LearningComparison implements Callable<Integer> {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** At the beginning of a run steps are compiled. */
  private static final int WARM_STEPS = 15;

  /**
   * A preset of ours and what it is compared with.
   *
   * @param steps of our run
   * @param taken how many of them are taken; if not all, the median of their time is multiplied
   * @param peer the preset that PyTorch trains
   * @param peerSteps of its run
   * @param peerTaken how many of them are measured; the median is multiplied
   */
  private record Lesson(
      String preset, int steps, int taken, String peer, int peerSteps, int peerTaken) {

    private boolean isWhole() {
      return taken == steps;
    }
  }

  private static final List<Lesson> LESSONS =
      List.of(
          new Lesson("shakespeare-fast", 100, 100, "shakespeare-char", 2000, 200),
          new Lesson("baby-gpt-fast", 2500, 40, "baby-gpt", 5000, 5));

  @Spec private CommandSpec spec;

  @Mixin private Turns turns;

  @Option(
      names = "--data",
      paramLabel = "FILE",
      required = true,
      description = "tinyshakespeare.txt")
  private Path data;

  @Option(
      names = "--preset",
      paramLabel = "NAME",
      split = ",",
      description = "presets of ours (default: ${DEFAULT-VALUE})")
  private List<String> presets = LESSONS.stream().map(Lesson::preset).toList();

  @Option(
      names = "--build",
      paramLabel = "NAME",
      split = ",",
      description =
          "builds of PyTorch; the fastest counts: ${COMPLETION-CANDIDATES} (default: all that this"
              + " processor has instructions for)")
  private List<TorchBuild> builds =
      Arrays.stream(TorchBuild.values()).filter(TorchBuild::isAtHome).toList();

  @Option(
      names = "--lanewise",
      paramLabel = "FILE",
      required = true,
      description = "the command lanewise")
  private Path lanewise;

  @Option(
      names = "--peers",
      paramLabel = "DIR",
      required = true,
      description = "bench/target/peers")
  private Path peers;

  /** Runs the command and ends the JVM. */
  public static void main(String[] args) {
    System.exit(
        new CommandLine(new LearningComparison())
            .setCaseInsensitiveEnumValuesAllowed(true)
            .execute(args));
  }

  private final List<String> results = new ArrayList<>(List.of("round,preset,side,seconds"));

  @Override
  public Integer call() throws IOException, InterruptedException {
    Machine.here().write(turns.result("learning-machine.json"));
    List<Lesson> lessons =
        LESSONS.stream().filter(lesson -> presets.contains(lesson.preset())).toList();
    for (Lesson lesson : lessons) {
      compare(lesson);
      Files.write(turns.result("learning.csv"), results);
    }
    return 0;
  }

  private void compare(Lesson lesson) throws IOException, InterruptedException {
    List<Double> ours = new ArrayList<>();
    Map<TorchBuild, List<Double>> theirs = new TreeMap<>();
    List<TorchBuild> sides = new ArrayList<>(builds);
    sides.addFirst(null);
    for (int round = 1; round <= turns.rounds(); round++) {
      for (TorchBuild side : Turns.inOrder(round, sides)) {
        if (side == null) {
          double seconds = learn(round, lesson);
          ours.add(seconds);
          note(round, lesson.preset(), "lanewise", seconds);
        } else {
          double seconds = repeat(round, lesson, side);
          theirs.computeIfAbsent(side, build -> new ArrayList<>()).add(seconds);
          note(round, lesson.peer(), side.id(), seconds);
        }
      }
    }
    print(lesson, ours, theirs);
  }

  /** Returns the seconds of our run, and prints them. */
  private double learn(int round, Lesson lesson) throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory("lanewise-learning");
    try {
      Company company = Company.watch();
      double before = Company.secondsOf(ProcessHandle.current().pid());
      long start = System.nanoTime();
      Path output = folder.resolve("output");
      Process process =
          new ProcessBuilder(command(round, lesson, folder))
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      if (process.waitFor() != 0) {
        throw new IllegalStateException("lanewise train failed:\n" + Files.readString(output));
      }
      double seconds = (System.nanoTime() - start) / 1e9;
      double own = Company.secondsOf(ProcessHandle.current().pid()) - before;
      List<JsonNode> metrics = metrics(folder.resolve("run"));
      if (!lesson.isWhole()) {
        seconds = medianMilliseconds(metrics) * lesson.steps() / 1e3;
      }
      out().printf(
        Locale.ROOT,
          "round %d  %-16s lanewise           %8.1f s for %d steps%s, others used %.1f %%%n",
          round,
          lesson.preset(),
          seconds,
          lesson.steps(),
          lesson.isWhole()
              ? String.format(Locale.ROOT, ", exact loss %.4f", lastLoss(metrics))
              : "",
          company.share(own) * 100);
      out().flush();
      return seconds;
    } finally {
      delete(folder);
    }
  }

  private List<String> command(int round, Lesson lesson, Path folder) {
    List<String> command =
        new ArrayList<>(
            List.of(
                lanewise.toString(),
                "train",
                "--preset=" + lesson.preset(),
                "--data=" + data,
                "--out=" + folder.resolve("run"),
                "--seed=" + round,
                "--threads=" + turns.threads(),
                "--steps=" + lesson.taken(),
                "--evaluate-every=" + lesson.taken(),
                "--sample-tokens=0"));
    if (!lesson.isWhole()) {
      command.add("--evaluate-tokens=1");
    }
    return command;
  }

  private static List<JsonNode> metrics(Path run) throws IOException {
    List<JsonNode> metrics = new ArrayList<>();
    for (String line : Files.readAllLines(run.resolve("metrics.jsonl"))) {
      metrics.add(JSON.readTree(line));
    }
    return metrics;
  }

  private static double lastLoss(List<JsonNode> metrics) {
    return metrics.stream()
        .filter(line -> line.get("type").asText().equals("evaluation"))
        .reduce((a, b) -> b)
        .orElseThrow()
        .get("val_loss")
        .asDouble();
  }

  private static double medianMilliseconds(List<JsonNode> metrics) {
    return Spread.of(
            metrics.stream()
                .filter(line -> line.get("type").asText().equals("step"))
                .skip(WARM_STEPS)
                .mapToDouble(line -> line.get("ms").asDouble()))
        .median();
  }

  /** Returns the seconds of PyTorch's run, and prints them. */
  private double repeat(int round, Lesson lesson, TorchBuild build)
      throws IOException, InterruptedException {
    StepResult step =
        Contender.pyTorch(build, peers)
            .run(
                round,
                List.of(
                    "--preset",
                    lesson.peer(),
                    "--threads",
                    "" + turns.threads(),
                    "--steps",
                    "" + lesson.peerTaken()));
    double seconds = step.millisecondsPerStep() * lesson.peerSteps() / 1e3;
    out().printf(
        Locale.ROOT,
        "round %d  %-16s %-18s %8.1f s for %d steps (%.2f ms), others used %.1f %%%n",
        round,
        lesson.peer(),
        build.id(),
        seconds,
        lesson.peerSteps(),
        step.millisecondsPerStep(),
        step.company() * 100);
    out().flush();
    return seconds;
  }

  private void note(int round, String preset, String side, double seconds) {
    results.add(String.format(Locale.ROOT, "%d,%s,%s,%.3f", round, preset, side, seconds));
  }

  private void print(Lesson lesson, List<Double> ours, Map<TorchBuild, List<Double>> theirs) {
    out().printf("%n| | seconds (least to greatest) | of Lanewise's time |%n|---|--:|--:|%n");
    Spread own = spread(ours);
    out().printf(
        Locale.ROOT,
        "| Lanewise, `%s`, %d steps | **%.1f** (%.1f to %.1f) | 1 |%n",
        lesson.preset(), lesson.steps(), own.median(), own.least(), own.greatest());
    theirs.forEach(
        (build, seconds) -> {
          Spread spread = spread(seconds);
          out().printf(
        Locale.ROOT,
              "| %s, `%s`, %d steps | %.1f (%.1f to %.1f) | %.1f |%n",
              build.id(),
              lesson.peer(),
              lesson.peerSteps(),
              spread.median(),
              spread.least(),
              spread.greatest(),
              spread.median() / own.median());
        });
    out().println();
    out().flush();
  }

  private static Spread spread(List<Double> seconds) {
    return Spread.of(seconds.stream().mapToDouble(Double::doubleValue));
  }


  private PrintWriter out() {
    return spec.commandLine().getOut();
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
