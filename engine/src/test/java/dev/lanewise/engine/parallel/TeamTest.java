package dev.lanewise.engine.parallel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinPool.ForkJoinWorkerThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The time limits only end a test that hangs. More members than cores is the hard case. */
class TeamTest {

  private static final int ROUNDS = 2_000;

  /** Each round reads what the neighbour wrote in the round before; plain memory, no locks. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7})
  @Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void membersSeeWhatTheOthersWroteBeforeTheMeeting(int size) {
    try (WorkerPool pool = new WorkerPool(size)) {
      Team team = new Team(pool, size);
      int[] numbers = new int[size];
      int[] next = new int[size];
      pool.run(
          size,
          (member, worker) -> {
            for (int round = 0; round < ROUNDS; round++) {
              next[member] = numbers[(member + 1) % size] + 1;
              team.meet();
              numbers[member] = next[member];
              team.meet();
            }
          });
      assertThat(numbers).containsOnly(ROUNDS);
    }
  }

  @Test
  @Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void allActOnTheFirstOnesNumber() {
    try (WorkerPool pool = new WorkerPool(3)) {
      Team team = new Team(pool, 3);
      int[] agreed = new int[3];
      pool.run(
          3,
          (member, worker) -> {
            for (int round = 0; round < ROUNDS; round++) {
              agreed[member] += team.agree(member, round * (member + 1)) == round ? 1 : 0;
            }
          });
      assertThat(agreed).containsOnly(ROUNDS);
    }
  }

  @Test
  @Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void nobodyWaitsForAMemberThatHasFailed() {
    try (WorkerPool pool = new WorkerPool(3)) {
      Team team = new Team(pool, 3);
      for (int failing = 0; failing < 3; failing++) {
        int who = failing;
        RuntimeException cause = new IllegalArgumentException("member " + who);
        team.begin();
        assertThatThrownBy(
                () ->
                    pool.run(
                        3,
                        (member, worker) -> {
                          team.meet();
                          if (member == who) {
                            throw cause;
                          }
                          team.meet();
                        }))
            .isSameAs(cause);
      }
      AtomicInteger came = new AtomicInteger();
      team.begin();
      pool.run(
          3,
          (member, worker) -> {
            team.meet();
            came.incrementAndGet();
          });
      assertThat(came).hasValue(3);
    }
  }

  /** The third of three cannot come: there is no thread for it. Once there is, all goes on. */
  @Test
  @Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void nobodyWaitsForAThreadThatIsNotToBeHad() {
    AtomicInteger asked = new AtomicInteger();
    Error none = new OutOfMemoryError("unable to create native thread");
    ForkJoinWorkerThreadFactory factory =
        owner -> {
          if (asked.incrementAndGet() == 2) {
            throw none;
          }
          return ForkJoinPool.defaultForkJoinWorkerThreadFactory.newThread(owner);
        };
    try (WorkerPool pool = new WorkerPool(3, factory)) {
      Team team = new Team(pool, 3);
      WorkerPool.Task task = (member, worker) -> team.meet();
      assertThatThrownBy(() -> pool.run(3, task)).isSameAs(none);

      for (int round = 0; round < ROUNDS; round++) {
        team.begin();
        pool.run(3, task);
      }
    }
  }

  @Test
  @Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void twoTeamsMeetApart() {
    try (WorkerPool pool = new WorkerPool(4)) {
      Team[] teams = {new Team(pool, 2), new Team(pool, 2)};
      int[] rounds = new int[4];
      pool.run(
          4,
          (index, worker) -> {
            int most = index < 2 ? ROUNDS : 3;
            for (int round = 0; round < most; round++) {
              teams[index / 2].meet();
              rounds[index]++;
            }
          });
      assertThat(rounds).containsExactly(ROUNDS, ROUNDS, 3, 3);
    }
  }

  @Test
  void aTeamOfOneNeverWaits() {
    Team alone = Team.alone();
    alone.meet();
    assertThat(alone.size()).isOne();
    assertThat(alone.agree(0, 3)).isEqualTo(3);
    assertThat(alone.share(0, 7, 4)).isZero();
    assertThat(alone.share(1, 7, 4)).isEqualTo(7);
  }

  @Test
  void refusesMoreMembersThanWorkers() {
    try (WorkerPool pool = new WorkerPool(2)) {
      assertThatIllegalArgumentException().isThrownBy(() -> new Team(pool, 3));
      assertThatIllegalArgumentException().isThrownBy(() -> new Team(pool, 0));
    }
  }

  @Property
  void sharesAreWholeUnitsSideBySideAndEven(
      @ForAll @IntRange(min = 1, max = 9) int size,
      @ForAll @IntRange(max = 70_000) int n,
      @ForAll @IntRange(min = 1, max = 64) int unit) {
    try (WorkerPool pool = new WorkerPool(size)) {
      Team team = new Team(pool, size);
      assertThat(team.share(0, n, unit)).isZero();
      assertThat(team.share(size, n, unit)).isEqualTo(n);
      for (int member = 0; member < size; member++) {
        int from = team.share(member, n, unit);
        int to = team.share(member + 1, n, unit);
        assertThat(from).isLessThanOrEqualTo(to);
        assertThat(to - from).isLessThan(n / size + 2 * unit);
        assertThat(from == n || from % unit == 0).isTrue();
      }
    }
  }
}
