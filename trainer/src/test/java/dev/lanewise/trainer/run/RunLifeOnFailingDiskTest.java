package dev.lanewise.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lanewise.engine.tensor.FloatTensor;
import dev.lanewise.trainer.files.DurableFiles;
import dev.lanewise.trainer.files.Sha256;
import dev.lanewise.trainer.fixture.RecordingListener;
import dev.lanewise.trainer.fixture.SmallRun;
import dev.lanewise.trainer.fixture.WholeTensors;
import dev.lanewise.trainer.fixture.disk.FailingDisk;
import dev.lanewise.trainer.fixture.disk.PowerCut;
import dev.lanewise.trainer.run.metrics.StepMetrics;
import dev.lanewise.trainer.settings.ConfigKey;
import dev.lanewise.trainer.settings.ConfigLayer;
import dev.lanewise.trainer.text.TextFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A whole life of a run: its start, steps with evaluations and checkpoints, a stop, a resumption,
 * the end. An operation on files fails, each in turn; then the run is resumed on a disk that works,
 * as a user does it, and has to come to the bits of a run that nothing happened to.
 *
 * <p>The life is that of {@link TrainingRun}, because the commands take paths of the default file
 * system only; what {@code train} asks before it is asked here too.
 */
@Timeout(value = 1800, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RunLifeOnFailingDiskTest {

  private static final long STEPS = 6;
  private static final int STRIDE = 11;
  private static final long SEED = 20261126;

  @TempDir private Path folder;
  private Path text;
  private boolean largeTables;
  private Ending expected;

  /** What happens at an operation. */
  enum Fault {
    /** The disk is full for one operation. */
    FULL_ONCE {
      @Override
      void arm(FailingDisk disk, int at) {
        disk.tearWrites();
        disk.failOnce(at, path -> new IOException("No space left on device"));
      }
    },
    /** The disk is full from then on. */
    FULL {
      @Override
      void arm(FailingDisk disk, int at) {
        disk.tearWrites();
        disk.failFrom(at, path -> new IOException("No space left on device"));
      }
    },
    /** An operation fails, also one that only reads. */
    READ_ERROR {
      @Override
      void arm(FailingDisk disk, int at) {
        disk.countReads();
        disk.failOnce(at, path -> new IOException(path + ": Input/output error"));
      }
    },
    /** The process ends, and what it has written is there. */
    KILLED {
      @Override
      void arm(FailingDisk disk, int at) {
        disk.tearWrites();
        disk.failFrom(at, path -> new IOException("killed"));
      }
    },
    /** The machine ends, and what was not forced is gone. */
    POWER_CUT_NOTHING_LEFT(PowerCut.Luck.NONE),
    /** The machine ends: names are there, of files that have nothing in them. */
    POWER_CUT_NAMES_LEFT(PowerCut.Luck.NAMES),
    /** The machine ends: some of the names and bytes are there. */
    POWER_CUT_SOME_LEFT(PowerCut.Luck.SOME);

    private final PowerCut.Luck luck;

    Fault() {
      this(null);
    }

    Fault(PowerCut.Luck luck) {
      this.luck = luck;
    }

    void arm(FailingDisk disk, int at) {
      KILLED.arm(disk, at);
    }
  }

  /** All that a run comes to. */
  private record Ending(String model, String optimizer, List<String> lines) {

    private static final List<String> COMPUTED =
        List.of("type", "step", "loss", "lr", "grad_norm", "val_loss");

    static Ending of(Path run) throws IOException {
      Path last = run.resolve("checkpoints/step-%06d".formatted(STEPS));
      List<String> lines = new ArrayList<>();
      ObjectMapper json = new ObjectMapper();
      for (String line : Files.readAllLines(run.resolve("metrics.jsonl"))) {
        JsonNode fields = json.readTree(line);
        lines.add(COMPUTED.stream().map(name -> name + " " + fields.get(name)).toList().toString());
      }
      return new Ending(
          numbers(last.resolve("model.safetensors")),
          numbers(last.resolve("optimizer.state")),
          lines);
    }

    /** The SHA-256 of all numbers. Of two runs tables may lie on different bases. */
    private static String numbers(Path file) throws IOException {
      MessageDigest digest = Sha256.digest();
      for (Map.Entry<String, FloatTensor> tensor : WholeTensors.read(file).entrySet()) {
        digest.update(tensor.getKey().getBytes(StandardCharsets.UTF_8));
        ByteBuffer bits = ByteBuffer.allocate(Float.BYTES * tensor.getValue().size());
        bits.asFloatBuffer().put(tensor.getValue().toArray());
        digest.update(bits);
      }
      return HexFormat.of().formatHex(digest.digest());
    }
  }

  /** A run on a disk of its own, and what it told its user. */
  private final class Life {
    private final FailingDisk disk = new FailingDisk();
    private final Path root;
    private final Path real;
    private final PowerCut power;
    private final CheckpointFailurePolicy policy;
    private final List<String> told = new ArrayList<>();
    private final List<String> operations = new ArrayList<>();
    private long promised;
    private long firstStep;

    Life(Path root, CheckpointFailurePolicy policy) throws IOException {
      this.root = Files.createDirectory(root);
      this.real = root.resolve("run");
      this.power = disk.watchPower(root);
      this.policy = policy;
    }

    private SmallRun run(Path path) throws IOException {
      SmallRun run =
          SmallRun.in(path)
              .with(TextFiles.of(List.of(text)))
              .with(policy)
              .with(ConfigKey.STEPS, STEPS)
              .with(ConfigKey.CHECKPOINT_EVERY, 1L)
              .with(ConfigKey.KEEP, 1);
      return largeTables ? withTables(run) : run;
    }

    /** Two tables: of one all rows change, of the other few. */
    private SmallRun withTables(SmallRun run) {
      return run.with(ConfigKey.FAMILY, "lanewise")
          .with(ConfigKey.BIASES, false)
          .with(ConfigKey.TIED_HEAD, false)
          .with(ConfigKey.NGRAMS, "2:8,3:300");
    }

    private void train(SmallRun run, long stopAfter) throws IOException {
      TrainingRun[] running = new TrainingRun[1];
      RecordingListener heard =
          new RecordingListener() {
            @Override
            public void onReady(RunFacts facts) {
              firstStep = facts.firstStep();
            }

            @Override
            public void onStep(StepMetrics metrics) {
              if (metrics.step() + 1 == stopAfter) {
                running[0].stop();
              }
            }

            @Override
            public void onCheckpoint(long completedSteps, Path written) {
              promised = Math.max(promised, completedSteps);
            }

            @Override
            public void onWarning(String message) {
              told.add("warning: " + message);
            }
          };
      running[0] = new TrainingRun(run.options(), heard).withLargeTables(1);
      running[0].run();
    }

    /** Start, stop and resumption, until something fails. */
    void live() {
      Path shown = disk.path(real);
      try {
        train(run(shown), 3);
        train(run(shown).resumed(), Long.MAX_VALUE);
      } catch (IOException | RuntimeException e) {
        told.add("error: " + e);
        requireExplained(e);
      }
      operations.addAll(disk.operations());
    }

    /** What failed is named, for those who have to mend it. */
    private void requireExplained(Exception problem) {
      Throwable said = problem instanceof UncheckedIOException ? problem.getCause() : problem;
      assertThat(said).as("%s", this).isInstanceOf(IOException.class);
      assertThat(said.getMessage()).as("%s", this).contains(root.toString());
    }

    /** What a user does who finds the run ended. */
    void bringToItsEnd() throws IOException {
      disk.repair();
      long saved = promised;
      RunFolder found = new RunFolder(real);
      found.requireUsable();
      Optional<ConfigLayer> settings = Resume.settings(found, told::add);
      if (settings.isEmpty()) {
        assertThat(saved).as("%s", this).isZero();
        train(run(real), Long.MAX_VALUE);
        return;
      }
      assertThat(settings.get().toSettings())
          .as("%s", this)
          .isEqualTo(run(real).options().settings());
      assertThat(Resume.text(found, told::add)).as("%s", this).contains(List.of(text));
      train(run(real).resumed(), Long.MAX_VALUE);
      assertThat(firstStep).as("%s", this).isGreaterThanOrEqualTo(saved);
    }

    @Override
    public String toString() {
      int shown = Math.min(12, operations.size());
      return "%s, promised %d%n  %s%n  after %s"
          .formatted(
              root.getFileName(),
              promised,
              String.join(System.lineSeparator() + "  ", told),
              operations.subList(operations.size() - shown, operations.size()));
    }
  }

  private void liveUndisturbed() throws IOException {
    text = Files.writeString(folder.resolve("text.txt"), "to be or not to be\n".repeat(50));
    Life life = new Life(folder.resolve("undisturbed"), CheckpointFailurePolicy.STOP);
    life.live();
    assertThat(life.told).isEmpty();
    assertThat(life.promised).isEqualTo(STEPS);
    if (largeTables) {
      assertThat(life.operations).contains("link ngrams.3.weight.base.state");
    }
    expected = Ending.of(life.real);
    assertThat(expected.lines).hasSize(9);
  }

  @ParameterizedTest
  @EnumSource
  void someOperationsFail(Fault fault) throws IOException {
    failAt(fault, new SplittableRandom(SEED).nextInt(STRIDE), STRIDE);
  }

  @ParameterizedTest
  @EnumSource
  @Tag("exhaustive")
  void everyOperationFails(Fault fault) throws IOException {
    failAt(fault, 0, 1);
  }

  @ParameterizedTest
  @EnumSource
  void someOperationsFailWhereTablesAreLarge(Fault fault) throws IOException {
    largeTables = true;
    failAt(fault, new SplittableRandom(SEED + 1).nextInt(STRIDE), STRIDE);
  }

  @ParameterizedTest
  @EnumSource
  @Tag("exhaustive")
  void everyOperationFailsWhereTablesAreLarge(Fault fault) throws IOException {
    largeTables = true;
    failAt(fault, 0, 1);
  }

  private void failAt(Fault fault, int first, int stride) throws IOException {
    liveUndisturbed();
    SplittableRandom random = new SplittableRandom(SEED);
    int tried = 0;
    for (int at = first; true; at += stride) {
      CheckpointFailurePolicy policy =
          at % 2 == 0 ? CheckpointFailurePolicy.STOP : CheckpointFailurePolicy.CONTINUE;
      Life life = new Life(folder.resolve("%s-at-%d-%s".formatted(fault, at, policy)), policy);
      fault.arm(life.disk, at);
      life.live();
      if (life.disk.operations().size() <= at) {
        break;
      }
      if (fault.luck != null) {
        life.power.cut(fault.luck, random);
      }
      life.bringToItsEnd();
      assertThat(Ending.of(life.real)).as("%s", life).isEqualTo(expected);
      DurableFiles.deleteTree(life.root);
      tried++;
    }
    assertThat(tried).isGreaterThan(20);
  }
}
