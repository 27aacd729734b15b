package dev.lanewise.trainer.step;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.trainer.fixture.SmallTrainer;
import dev.lanewise.trainer.settings.ConfigKey;
import dev.lanewise.trainer.text.token.PackedStep;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A warm step allocates nothing. In a JVM of its own, as the module's build says: other tests teach
 * C2 a profile of the kernels that no training has.
 */
@Tag("allocation")
class StepAllocationTest {

  private static final int STEPS = 20;

  /** Rounds that are looked at together, and how many of them have to allocate nothing. */
  private static final int ROUNDS = 50;

  private static final int CLEAN = 45;

  /** A step that still allocates after this time would do so for ever. */
  private static final long GIVE_UP_NANOS = 240_000_000_000L;

  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private long step;

  /** With two workers: each takes shards of its own, or both go through one. */
  @ParameterizedTest
  @CsvSource({
    "2, adamw, false",
    "1, adamw, false",
    "2, muon, false",
    "2, adamw, true",
    "1, muon, true"
  })
  void aWarmStepAllocatesNothing(int shards, String optimizer, boolean tables) {
    try (WorkerPool pool = new WorkerPool(2)) {
      SmallTrainer run =
          SmallTrainer.of(
              (tables ? SmallTrainer.tables() : SmallTrainer.layer())
                  .with(ConfigKey.SHARDS, shards)
                  .with(ConfigKey.OPTIMIZER, optimizer),
              pool);
      int[][] batch = run.batch(0);
      requireClean(() -> run.trainer().step(step++, batch));
    }
  }

  /** Documents of two lengths in each window. */
  @ParameterizedTest
  @CsvSource({"2, false", "1, true"})
  void norDoesOneOnDocuments(int shards, boolean tables) {
    try (WorkerPool pool = new WorkerPool(2)) {
      SmallTrainer run =
          SmallTrainer.of(
              (tables ? SmallTrainer.tables() : SmallTrainer.layer())
                  .with(ConfigKey.SHARDS, shards),
              pool);
      int[] ids = run.rows(0, 0)[0];
      int[] targets = run.rows(0, 1)[0];
      PackedStep packed = PackedStep.of(1, 6, 13);
      for (int window = 0; window < 6; window++) {
        packed.packed().getFirst().add(ids, targets, 13 * window, 5);
        packed.packed().getFirst().add(ids, targets, 13 * window + 5, 7);
        packed.packed().getFirst().endWindow();
      }
      requireClean(() -> run.trainer().step(step++, packed));
    }
  }

  private void requireClean(Runnable taken) {
    long end = System.nanoTime() + GIVE_UP_NANOS;
    int clean;
    do {
      clean = cleanRounds(taken);
    } while (clean < CLEAN && System.nanoTime() < end);
    assertThat(clean).as("rounds of %d without allocation", ROUNDS).isGreaterThanOrEqualTo(CLEAN);
  }

  private int cleanRounds(Runnable taken) {
    int clean = 0;
    for (int round = 0; round < ROUNDS; round++) {
      long before = threads.getTotalThreadAllocatedBytes();
      for (int i = 0; i < STEPS; i++) {
        taken.run();
      }
      clean += threads.getTotalThreadAllocatedBytes() == before ? 1 : 0;
    }
    return clean;
  }
}
