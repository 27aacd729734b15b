package dev.lanewise.trainer.reliability;

import dev.lanewise.trainer.cli.LanewiseProcess;
import dev.lanewise.trainer.fixture.SmallSettings;
import dev.lanewise.trainer.fixture.Texts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Runs of one small training in processes of their own, with everything that is random on. */
final class ProcessRuns {

  private final Path folder;
  private final Optional<Path> from;
  private final Path data;
  private final long steps;
  private final int checkpointEvery;
  private final List<String> more;
  private int processes;

  /** Trainings from nothing. */
  ProcessRuns(Path folder, long steps, int checkpointEvery) throws IOException {
    this(folder, Optional.empty(), words(folder), steps, checkpointEvery);
  }

  /** Trainings that begin with a model. */
  static ProcessRuns from(Path model, Path folder, long steps, int checkpointEvery)
      throws IOException {
    return new ProcessRuns(folder, Optional.of(model), words(folder), steps, checkpointEvery);
  }

  /** Trainings that begin with a model, on conversations. */
  static ProcessRuns onChats(Path model, Path folder, long steps, int checkpointEvery)
      throws IOException {
    StringBuilder chats = new StringBuilder();
    for (int i = 0; i < 200; i++) {
      chats.append(
          "{\"messages\": [{\"role\": \"user\", \"content\": \"What is %d + 2?\"}, {\"role\": \"assistant\", \"content\": \"%d\"}]}\n"
              .formatted(i, i + 2));
    }
    Path data = Files.writeString(folder.resolve("chats.jsonl"), chats);
    return new ProcessRuns(folder, Optional.of(model), data, steps, checkpointEvery);
  }

  private static Path words(Path folder) throws IOException {
    return Files.writeString(folder.resolve("text.txt"), Texts.words(4000));
  }

  /** Trainings of what is added to a model. */
  static ProcessRuns adapting(Path model, Path folder, long steps, int checkpointEvery)
      throws IOException {
    return new ProcessRuns(
        folder,
        Optional.of(model),
        words(folder),
        steps,
        checkpointEvery,
        List.of("--lora-rank=3", "--lora-dropout=0.2"));
  }

  private ProcessRuns(
      Path folder, Optional<Path> from, Path data, long steps, int checkpointEvery) {
    this(folder, from, data, steps, checkpointEvery, List.of());
  }

  private ProcessRuns(
      Path folder,
      Optional<Path> from,
      Path data,
      long steps,
      int checkpointEvery,
      List<String> more) {
    this.more = more;
    this.folder = folder;
    this.from = from;
    this.data = data;
    this.steps = steps;
    this.checkpointEvery = checkpointEvery;
  }

  RunResult result(String run) {
    return new RunResult(folder.resolve(run));
  }

  /** Begins a run. */
  LanewiseProcess begin(String run, Machine machine) throws IOException {
    List<String> options =
        new ArrayList<>(List.of("--batch=6", "--accumulation=2", "--shards=4", "--dropout=0.2"));
    options.addAll(List.of("--weight-decay=0.1", "--lr=1e-2", "--sample-tokens=8"));
    options.addAll(List.of("--evaluate-every=10", "--warmup=" + Math.min(10, steps / 2)));
    options.addAll(List.of("--steps=" + steps, "--checkpoint-every=" + checkpointEvery));
    options.addAll(List.of(machine.threadsOption(), machine.kernelsOption()));
    options.addAll(more);
    if (from.isEmpty()) {
      options.add("--layers=2");
    }
    if (data.toString().endsWith(".jsonl")) {
      options.add("--context=48");
    }
    String[] all = options.toArray(String[]::new);
    Path out = folder.resolve(run);
    return start(
        run,
        machine,
        from.map(model -> SmallSettings.trainFromCommand(model, data, out, all))
            .orElseGet(() -> SmallSettings.trainCommand(data, out, all)));
  }

  /** Goes on with a run, as its user would: naming nothing but the folder. */
  LanewiseProcess resume(String run, Machine machine) throws IOException {
    return start(
        run,
        machine,
        List.of(
            "train",
            "--resume",
            "--out=" + folder.resolve(run),
            machine.threadsOption(),
            machine.kernelsOption()));
  }

  private LanewiseProcess start(String run, Machine machine, List<String> arguments)
      throws IOException {
    Path output = folder.resolve(run + "." + processes++ + ".txt");
    return LanewiseProcess.start(output, machine.jvmFlags(), arguments);
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
