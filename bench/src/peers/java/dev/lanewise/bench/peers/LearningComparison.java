package dev.lanewise.bench.peers;

import dev.lanewise.bench.peers.LearningContender.Learned;
import dev.lanewise.trainer.settings.Preset;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * How long it takes to learn as much: a preset of ours that learns fast, and PyTorch's steps of the
 * preset that is faithful to nanoGPT, by turns.
 */
@Command(
    name = "learning-comparison",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Measures the time of learning: Lanewise and PyTorch by turns.")
public final class LearningComparison implements Callable<Integer> {

  /**
   * A preset of ours and what it is compared with.
   *
   * @param steps of our run
   * @param taken how many of them are taken
   * @param peer the preset that PyTorch trains
   * @param peerBatch sequences of a step that is measured; where the preset has more, it counts for
   *     as many steps, as PyTorch may not have the memory for one
   * @param peerTaken how many of these are measured
   */
  record Lesson(
      String preset, long steps, long taken, String peer, int peerBatch, int peerTaken) {

    long peerSteps() {
      return stepsOf(peer) * Preset.named(peer).layer().toSettings().step().batch() / peerBatch;
    }
  }

  private static final List<Lesson> LESSONS =
      List.of(
          new Lesson("shakespeare-fast", 100, 100, "shakespeare-char", 12, 200),
          new Lesson("baby-gpt-fast", stepsOf("baby-gpt-fast"), 50, "baby-gpt", 16, 50));

  @Spec private CommandSpec spec;

  @Mixin private Turns turns;

  @Mixin private TorchBuilds pyTorch;

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
      names = "--lanewise",
      paramLabel = "FILE",
      required = true,
      description = "the command lanewise")
  private Path lanewise;

  @Option(
      names = "--runs",
      paramLabel = "DIR",
      required = true,
      description = "where our runs go")
  private Path runs;

  private final List<String> results =
      new ArrayList<>(List.of("round,preset,contender,steps,taken,seconds,loss,company"));

  /** Runs the command and ends the JVM. */
  public static void main(String[] args) {
    System.exit(
        new CommandLine(new LearningComparison())
            .setCaseInsensitiveEnumValuesAllowed(true)
            .execute(args));
  }

  private static long stepsOf(String preset) {
    return Preset.named(preset).layer().toSettings().step().steps();
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    List<Lesson> lessons = presets.stream().map(this::lesson).toList();
    Machine.here().write(turns.result("learning-machine.json"));
    for (Lesson lesson : lessons) {
      compare(lesson);
    }
    return 0;
  }

  private Lesson lesson(String preset) {
    return LESSONS.stream()
        .filter(lesson -> lesson.preset().equals(preset))
        .findFirst()
        .orElseThrow(
            () ->
                new ParameterException(
                    spec.commandLine(),
                    "--preset %s is compared with nothing; there are %s"
                        .formatted(preset, LESSONS.stream().map(Lesson::preset).toList())));
  }

  private void compare(Lesson lesson) throws IOException, InterruptedException {
    List<LearningContender> sides = new ArrayList<>();
    sides.add(new LearningContender.Lanewise(lanewise, data, runs));
    pyTorch.contenders().forEach(side -> sides.add(new LearningContender.PyTorch(side)));
    Map<String, List<Learned>> bySide = new LinkedHashMap<>();
    sides.forEach(side -> bySide.put(side.name(), new ArrayList<>()));
    for (int round = 1; round <= turns.rounds(); round++) {
      for (LearningContender side : Turns.inOrder(round, sides)) {
        Learned learned = side.learn(round, lesson, turns.threads());
        bySide.get(side.name()).add(learned);
        tell(round, learned);
        Files.write(turns.result("learning.csv"), results);
      }
    }
    print(bySide);
  }

  private void tell(int round, Learned learned) {
    results.add(
        String.format(
            Locale.ROOT,
            "%d,%s,%s,%d,%d,%.3f,%.4f,%.4f",
            round,
            learned.preset(),
            learned.contender(),
            learned.steps(),
            learned.taken(),
            learned.seconds(),
            learned.loss(),
            learned.company()));
    out()
        .printf(
            Locale.ROOT,
            "round %d  %-16s %-21s %8.1f s for %d steps (%s), others used %.1f %%%n",
            round,
            learned.preset(),
            learned.contender(),
            learned.seconds(),
            learned.steps(),
            learned.timed(),
            learned.company() * 100);
    out().flush();
  }

  /** Ratios are those of a round, as in the other tables. */
  private void print(Map<String, List<Learned>> bySide) {
    List<Learned> ours = bySide.get(StepTable.LANEWISE);
    out()
        .printf(
            "%n| | preset | steps | timed | seconds | of ours (least to greatest) |%n"
                + "|---|---|--:|---|--:|--:|%n");
    bySide.forEach(
        (side, learned) -> {
          Learned first = learned.getFirst();
          Spread seconds = Spread.of(learned.stream().mapToDouble(Learned::seconds));
          Spread ratio =
              Spread.of(
                  IntStream.range(0, learned.size())
                      .mapToDouble(i -> learned.get(i).seconds() / ours.get(i).seconds()));
          out()
              .printf(
                  Locale.ROOT,
                  "| %s | %s | %d | %s | %.1f | %.1f (%.1f to %.1f) |%n",
                  side,
                  first.preset(),
                  first.steps(),
                  first.timed(),
                  seconds.median(),
                  ratio.median(),
                  ratio.least(),
                  ratio.greatest());
        });
    double loss = ours.stream().mapToDouble(Learned::loss).average().orElseThrow();
    if (!Double.isNaN(loss)) {
      out()
          .printf(
              Locale.ROOT,
              "%nExact validation loss of Lanewise at the end, mean of %d seeds: %.4f%n",
              ours.size(),
              loss);
    }
    out().println();
    out().flush();
  }

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }
}
