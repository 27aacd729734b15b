package dev.lanewise.bench.peers;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A program that trains, and the time that it takes for it. */
sealed interface LearningContender {

  /**
   * A training run.
   *
   * @param taken steps that were taken, where the median of their time stands for all; as many as
   *     steps where the time is that of the whole run
   * @param loss exact validation loss at the end; NaN if it was not taken to its end
   */
  record Learned(
      String preset,
      String contender,
      long steps,
      long taken,
      double seconds,
      double loss,
      double company) {

    /** Returns what was timed, in words. */
    String timed() {
      return taken == steps ? "the command" : "%d steps, times %d".formatted(taken, steps / taken);
    }
  }

  /** Returns its name in the table. */
  String name();

  /**
   * Trains in a process of its own.
   *
   * @param round is the seed, too
   * @throws IllegalStateException if it fails
   */
  Learned learn(int round, LearningComparison.Lesson lesson, int threads)
      throws IOException, InterruptedException;

  /**
   * The command {@code lanewise train}: its time from start to end if all steps are taken, text and
   * evaluation included.
   *
   * @param command the launcher
   * @param data the text
   * @param folder for the runs
   */
  record Lanewise(Path command, Path data, Path folder) implements LearningContender {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** The first steps run in code that is not compiled yet. */
    private static final int WARM_STEPS = 15;

    @Override
    public String name() {
      return StepTable.LANEWISE;
    }

    @Override
    public Learned learn(int round, LearningComparison.Lesson lesson, int threads)
        throws IOException, InterruptedException {
      Path run = folder.resolve("%s-%d".formatted(lesson.preset(), round));
      Path output = folder.resolve("output");
      double before = Company.secondsOf(ProcessHandle.current().pid());
      Company company = Company.watch();
      long start = System.nanoTime();
      Process process =
          new ProcessBuilder(arguments(round, lesson, threads, run))
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      if (process.waitFor() != 0) {
        throw new IllegalStateException("lanewise train failed:\n" + Files.readString(output));
      }
      double seconds = (System.nanoTime() - start) / 1e9;
      double own = Company.secondsOf(ProcessHandle.current().pid()) - before;
      List<JsonNode> metrics = metrics(run);
      boolean whole = lesson.taken() == lesson.steps();
      return new Learned(
          lesson.preset(),
          name(),
          lesson.steps(),
          lesson.taken(),
          whole ? seconds : medianMilliseconds(metrics) * lesson.steps() / 1e3,
          whole ? lastLoss(metrics) : Double.NaN,
          company.share(own));
    }

    private List<String> arguments(
        int round, LearningComparison.Lesson lesson, int threads, Path run) {
      List<String> arguments =
          new ArrayList<>(
              List.of(
                  command.toString(),
                  "train",
                  "--preset=" + lesson.preset(),
                  "--data=" + data,
                  "--out=" + run,
                  "--seed=" + round,
                  "--threads=" + threads,
                  "--steps=" + lesson.taken(),
                  "--evaluate-every=" + lesson.taken(),
                  "--sample-tokens=0"));
      if (lesson.taken() < lesson.steps()) {
        arguments.add("--evaluate-tokens=1");
      }
      return arguments;
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
          .reduce((earlier, later) -> later)
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
  }

  /**
   * The steps of a build of PyTorch on random tokens. Nothing else of its run is counted: no start,
   * no text, no evaluation.
   *
   * @param measured what measures a step
   */
  record PyTorch(Contender measured) implements LearningContender {

    @Override
    public String name() {
      return measured.name();
    }

    @Override
    public Learned learn(int round, LearningComparison.Lesson lesson, int threads)
        throws IOException, InterruptedException {
      StepResult step =
          measured.run(
              round,
              List.of(
                  "--preset",
                  lesson.peer(),
                  "--threads",
                  "" + threads,
                  "--batch",
                  "" + lesson.peerBatch(),
                  "--steps",
                  "" + lesson.peerTaken()));
      return new Learned(
          lesson.peer(),
          name(),
          lesson.peerSteps(),
          lesson.peerTaken(),
          step.millisecondsPerStep() * lesson.peerSteps() / 1e3,
          Double.NaN,
          step.company());
    }
  }
}
