package dev.lanewise.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.lanewise.trainer.cli.jvm.ChildJvm;
import dev.lanewise.trainer.cli.jvm.JvmFlags;
import dev.lanewise.trainer.fixture.SmallSettings;
import dev.lanewise.trainer.fixture.Texts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Ranks under the real launchers, which the Maven profile {@code mpi} needs: to the bits of one
 * process, whatever happens to them.
 */
@Tag("mpi")
@Timeout(600)
class MpiTrainTest {

  private static final int KILLS = Integer.getInteger("lanewise.mpi.kills", 10);
  private static final List<String> CHAPTER = List.of("--batch=8", "--dropout=0.1");
  private static final List<String> LLAMA =
      List.of(
          "--family=llama",
          "--biases=false",
          "--tied-head=false",
          "--batch=16",
          "--accumulation=2",
          "--dropout=0.1");

  /** What one process comes to, by model. */
  private static final Map<List<String>, Path> ALONE = new HashMap<>();

  @TempDir private static Path shared;

  @TempDir private Path folder;

  private Path text;

  /** A launcher, by the name that Debian gives it. */
  enum Launcher {
    OPEN_MPI("mpirun.openmpi"),
    MPICH("mpirun.mpich");

    private final String program;

    Launcher(String program) {
      this.program = program;
    }

    /**
     * Open MPI starts neither more ranks than cores nor anything for root, unless it is told to.
     */
    List<String> options() {
      return this == OPEN_MPI ? List.of("--oversubscribe", "--allow-run-as-root") : List.of();
    }

    void requireInstalled() {
      assumeThat(Path.of("/usr/bin", program)).exists();
    }
  }

  /** What became of a command. */
  private record Ended(int exitCode, String output) {}

  @BeforeEach
  void writeText() throws IOException {
    text = Files.writeString(folder.resolve("text.txt"), Texts.LINES.repeat(3));
  }

  private List<String> train(Path run, List<String> model, String... more) {
    List<String> options = new ArrayList<>(model);
    options.addAll(
        List.of("--steps=6", "--warmup=1", "--evaluate-every=3", "--checkpoint-every=2"));
    options.addAll(List.of(more));
    return SmallSettings.trainCommand(text, run, options.toArray(String[]::new));
  }

  private static List<String> jvm(List<String> arguments) {
    List<String> flags = new ArrayList<>(JvmFlags.with(System.getProperty("os.name"), List.of()));
    flags.add("--enable-native-access=ALL-UNNAMED");
    flags.add("-Xmx256m");
    return ChildJvm.command(flags, Main.class, arguments);
  }

  private static List<String> mpi(Launcher launcher, int ranks, List<String> arguments) {
    List<String> command = new ArrayList<>(List.of(launcher.program));
    command.addAll(launcher.options());
    command.addAll(List.of("-n", String.valueOf(ranks)));
    command.addAll(jvm(arguments));
    return command;
  }

  private Process start(List<String> command) throws IOException {
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("output.txt").toFile())
        .start();
  }

  private Ended await(Process process, int seconds) throws IOException, InterruptedException {
    List<ProcessHandle> ranks = process.descendants().toList();
    try {
      assertThat(process.waitFor(seconds, TimeUnit.SECONDS))
          .as("it has ended; so far: %s", output())
          .isTrue();
      for (ProcessHandle rank : ranks) {
        // A launcher may not wait for what it has killed.
        for (int i = 0; i < 50 && rank.isAlive(); i++) {
          TimeUnit.MILLISECONDS.sleep(100);
        }
        assertThat(rank.isAlive()).as("a rank outlives the launcher").isFalse();
      }
    } finally {
      ranks.forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
    return new Ended(process.exitValue(), output());
  }

  private String output() throws IOException {
    return Files.readString(folder.resolve("output.txt"));
  }

  private Ended run(List<String> command) throws IOException, InterruptedException {
    return await(start(command), 300);
  }

  private void requireSuccess(List<String> command) throws IOException, InterruptedException {
    Ended ended = run(command);
    assertThat(ended.exitCode).as(ended.output).isZero();
  }

  private Path alone(List<String> model) throws IOException, InterruptedException {
    if (!ALONE.containsKey(model)) {
      Path run = shared.resolve("alone" + ALONE.size());
      requireSuccess(jvm(train(run, model)));
      ALONE.put(model, run);
    }
    return ALONE.get(model);
  }

  private static void requireSameBits(Path run, Path other) {
    for (String name : List.of("model.safetensors", "optimizer.state")) {
      String file = "checkpoints/step-000006/" + name;
      assertThat(run.resolve(file)).hasSameBinaryContentAs(other.resolve(file));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "OPEN_MPI,2,1", "OPEN_MPI,3,1", "OPEN_MPI,4,2", "OPEN_MPI,8,1", "OPEN_MPI,1,2",
    "MPICH,2,2", "MPICH,3,1", "MPICH,4,1", "MPICH,8,1", "MPICH,1,1"
  })
  void ranksDoNotChangeTheBits(Launcher launcher, int ranks, int threads)
      throws IOException, InterruptedException {
    launcher.requireInstalled();
    List<List<String>> models = List.of(CHAPTER, LLAMA);
    for (int i = 0; i < models.size(); i++) {
      Path together = folder.resolve("together" + i);
      Ended ended =
          run(mpi(launcher, ranks, train(together, models.get(i), "--threads=" + threads)));
      assertThat(ended.exitCode).as(ended.output).isZero();
      // The JVM says this of any program with the module; of native access it must say nothing.
      assertThat(ended.output.replace("WARNING: Using incubator modules: jdk.incubator.vector", ""))
          .doesNotContainIgnoringCase("warning");
      if (ranks > 1) {
        assertThat(ended.output).containsOnlyOnce(ranks + " ranks");
      }
      requireSameBits(together, alone(models.get(i)));
    }
  }

  /** A random rank at a random moment; then another number of ranks, or none, goes on. */
  @ParameterizedTest
  @EnumSource(Launcher.class)
  void whoIsKilledTakesAllWithHim(Launcher launcher) throws IOException, InterruptedException {
    launcher.requireInstalled();
    Path alone = alone(LLAMA);
    Random random = new Random();
    for (int kill = 0; kill < KILLS; kill++) {
      Path run = folder.resolve("killed" + kill);
      int ranks = 2 + random.nextInt(2);
      Process process = start(mpi(launcher, ranks, train(run, LLAMA)));
      int millis = 1500 + random.nextInt(4000);
      TimeUnit.MILLISECONDS.sleep(millis);
      List<ProcessHandle> started = ranks(process);
      if (!started.isEmpty()) {
        started.get(random.nextInt(started.size())).destroyForcibly();
      }
      await(process, 60);
      int others = 1 + random.nextInt(4);
      List<String> again = train(run, LLAMA, "--resume");
      List<String> anew = train(run, LLAMA);
      List<String> next = Files.exists(run.resolve("config.yaml")) ? again : anew;
      Ended ended = run(others == 1 ? jvm(next) : mpi(launcher, others, next));
      assertThat(ended.exitCode)
          .as("%d ranks, killed after %d ms, then %d: %s", ranks, millis, others, ended.output)
          .isZero();
      requireSameBits(run, alone);
    }
  }

  /** One after another, on ranks that are started once. */
  @ParameterizedTest
  @EnumSource(Launcher.class)
  void severalSeedsAreTrained(Launcher launcher) throws IOException, InterruptedException {
    launcher.requireInstalled();
    Path together = folder.resolve("together");
    requireSuccess(mpi(launcher, 2, train(together, CHAPTER, "--seeds=5,6")));
    for (int seed = 5; seed <= 6; seed++) {
      Path alone = folder.resolve("alone" + seed);
      requireSuccess(jvm(train(alone, CHAPTER, "--seed=" + seed)));
      requireSameBits(folder.resolve("together-seed-" + seed), alone);
    }
  }

  /** The JVMs below a launcher. */
  private static List<ProcessHandle> ranks(Process launcher) {
    return launcher
        .descendants()
        .filter(process -> process.info().command().orElse("").endsWith("/java"))
        .sorted(Comparator.comparingLong(ProcessHandle::pid))
        .toList();
  }

  private void awaitStep(Path run) throws IOException, InterruptedException {
    Path metrics = run.resolve("metrics.jsonl");
    for (int i = 0; i < 600; i++) {
      if (Files.exists(metrics) && Files.size(metrics) > 0) {
        return;
      }
      TimeUnit.MILLISECONDS.sleep(100);
    }
    throw new IllegalStateException("no step was taken: " + output());
  }

  @ParameterizedTest
  @EnumSource(Launcher.class)
  void whoHangsEndsTheRun(Launcher launcher) throws IOException, InterruptedException {
    launcher.requireInstalled();
    Path run = folder.resolve("run");
    List<String> endless = train(run, CHAPTER, "--steps=1000000", "--rank-timeout=4");
    Process process = start(mpi(launcher, 2, endless));
    awaitStep(run);
    ChildJvm.signal("STOP", ranks(process).getLast().pid());

    Ended ended = await(process, 60);

    assertThat(ended.exitCode).as(ended.output).isEqualTo(1);
    assertThat(ended.output).containsPattern("rank [01] on \\S+ has hung or is gone");
  }

  @ParameterizedTest
  @EnumSource(Launcher.class)
  void aSignalToAnyRankStopsAllAndSaves(Launcher launcher)
      throws IOException, InterruptedException {
    launcher.requireInstalled();
    Path run = folder.resolve("run");
    Process process =
        start(
            mpi(launcher, 2, train(run, CHAPTER, "--steps=1000000", "--checkpoint-every=100000")));
    awaitStep(run);
    ChildJvm.signal("TERM", ranks(process).getLast().pid());

    Ended ended = await(process, 60);

    assertThat(ended.exitCode).as(ended.output).isZero();
    try (Stream<Path> checkpoints = Files.list(run.resolve("checkpoints"))) {
      assertThat(checkpoints).isNotEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource(Launcher.class)
  void whoWasStartedOtherwiseIsNamed(Launcher launcher) throws IOException, InterruptedException {
    launcher.requireInstalled();
    Path run = folder.resolve("run");
    List<String> command = mpi(launcher, 1, train(run, CHAPTER));
    command.addAll(List.of(":", "-n", "1"));
    command.addAll(jvm(train(run, CHAPTER, "--lr=0.5")));

    Ended ended = run(command);

    assertThat(ended.exitCode).as(ended.output).isEqualTo(1);
    assertThat(ended.output).containsPattern("rank 1 on \\S+ has another command line than rank 0");
    assertThat(run).doesNotExist();
  }

  @ParameterizedTest
  @EnumSource(Launcher.class)
  void whatIsWrongIsSaidOnce(Launcher launcher) throws IOException, InterruptedException {
    launcher.requireInstalled();
    Path run = folder.resolve("run");
    Ended many = run(mpi(launcher, 3, train(run, CHAPTER, "--shards=2")));
    assertThat(many.exitCode).as(many.output).isEqualTo(2);
    assertThat(many.output).containsOnlyOnce("--shards 3");
    Ended library = run(mpi(launcher, 2, train(run, CHAPTER, "--mpi-library=/nowhere/libmpi.so")));
    assertThat(library.exitCode).as(library.output).isEqualTo(1);
    assertThat(library.output).contains("/nowhere/libmpi.so", "openmpi-bin", "mpich");
  }
}
