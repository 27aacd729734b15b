package dev.lanewise.trainer.reliability;

import dev.lanewise.trainer.cli.LanewiseProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** A training so small that it can be run again and again, with everything that is random on. */
final class TinyTraining {

  private static final List<String> NEW_MODEL =
      List.of("--tokenizer char --layers 2 --d-model 16 --heads 2 --d-ff 32".split(" ", -1));

  private final Path folder;
  private final List<String> model;
  private final Path text;
  private final long steps;
  private final int checkpointEvery;
  private int processes;

  /** A training from nothing. */
  TinyTraining(Path folder, long steps, int checkpointEvery) throws IOException {
    this(folder, NEW_MODEL, steps, checkpointEvery);
  }

  /** A training that begins with a model. */
  static TinyTraining from(Path model, Path folder, long steps, int checkpointEvery)
      throws IOException {
    return new TinyTraining(folder, List.of("--from", model.toString()), steps, checkpointEvery);
  }

  private TinyTraining(Path folder, List<String> model, long steps, int checkpointEvery)
      throws IOException {
    this.folder = folder;
    this.model = model;
    this.steps = steps;
    this.checkpointEvery = checkpointEvery;
    this.text = Files.writeString(folder.resolve("text.txt"), text(4000));
  }

  /** Words in an order that a small model can learn something about. */
  static String text(int length) {
    String[] words = "the cat sat on a mat while rain fell far away from home".split(" ", -1);
    SplittableRandom random = new SplittableRandom(1);
    StringBuilder lines = new StringBuilder();
    while (lines.length() < length) {
      lines.append(words[random.nextInt(words.length)]);
      lines.append(random.nextInt(6) == 0 ? '\n' : ' ');
    }
    return lines.toString();
  }

  RunResult result(String run) {
    return new RunResult(folder.resolve(run));
  }

  /** Begins a run. */
  LanewiseProcess begin(String run, Machine machine) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("train", "--data", text.toString()));
    arguments.addAll(model);
    arguments.addAll(
        List.of(
            ("--context 16 --batch 6"
                    + " --accumulation 2 --shards 4 --dropout 0.2 --weight-decay 0.1 --lr 1e-2"
                    + " --sample-tokens 8 --evaluate-every 10 --warmup "
                    + Math.min(10, steps / 2)
                    + " --steps "
                    + steps
                    + " --checkpoint-every "
                    + checkpointEvery)
                .split(" ", -1)));
    return start(run, machine, arguments);
  }

  /** Goes on with a run, as its user would: naming nothing but the folder. */
  LanewiseProcess resume(String run, Machine machine) throws IOException {
    return start(run, machine, List.of("train", "--resume"));
  }

  private LanewiseProcess start(String run, Machine machine, List<String> arguments)
      throws IOException {
    List<String> all = new ArrayList<>(arguments);
    all.addAll(List.of("--out", folder.resolve(run).toString()));
    all.addAll(machine.options());
    Path output = folder.resolve(run + "." + processes++ + ".txt");
    return LanewiseProcess.start(output, machine.jvmFlags(), all);
  }

  /** Runs to the end without disturbance. */
  RunResult complete(String run, Machine machine) throws IOException, InterruptedException {
    try (LanewiseProcess process = begin(run, machine)) {
      requireSuccess(process);
    }
    return result(run);
  }

  static void requireSuccess(LanewiseProcess process) throws IOException, InterruptedException {
    if (process.exitCode() != 0) {
      throw new AssertionError("exit code " + process.exitCode() + ":\n" + process.output());
    }
  }
}
