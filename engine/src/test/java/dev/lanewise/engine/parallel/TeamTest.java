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
  void membersSeeWhatTheOthersWroteBeforeTheBarrier(int size) {
    try (WorkerPool pool = new WorkerPool(size)) {
      Team team = new Team(pool, size);
      int[] numbers = new int[size];
      int[] next = new int[size];
      pool.run(
          size,
          (member, worker) -> {
            for (int round = 0; round < ROUNDS; round++) {
              next[member] = numbers[(member + 1) % size] + 1;
              team.barrier();
              numbers[member] = next[member];
              team.barrier();
            }
          });
      assertThat(numbers).containsOnly(ROUNDS);
    }
  }

  @Test
  @Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void allGetTheFirstOnesNumber() {
    try (WorkerPool pool = new WorkerPool(3)) {
      Team team = new Team(pool, 3);
      int[] received = new int[3];
      pool.run(
          3,
          (member, worker) -> {
            for (int round = 0; round < ROUNDS; round++) {
              received[member] += team.broadcast(member, round * (member + 1)) == round ? 1 : 0;
            }
          });
      assertThat(received).containsOnly(ROUNDS);
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
                          team.barrier();
                          if (member == who) {
                            throw cause;
                          }
                          team.barrier();
                        }))
            .isSameAs(cause);
      }
      AtomicInteger came = new AtomicInteger();
      team.begin();
      pool.run(
          3,
          (member, worker) -> {
            team.barrier();
            came.incrementAndGet();
          });
      assertThat(came).hasValue(3);
    }
  }

  /** The third of three cannot come: there is no thread for it. Once there is, all goes on. */
  @Test
  @Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void nobodyWaitsForAThreadThatCannotBeStarted() {
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
      WorkerPool.Task task = (member, worker) -> team.barrier();
      assertThatThrownBy(() -> pool.run(3, task)).isSameAs(none);

      for (int round = 0; round < ROUNDS; round++) {
        team.begin();
        pool.run(3, task);
      }
    }
  }

  @Test
  @Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void barriersOfTwoTeamsAreApart() {
    try (WorkerPool pool = new WorkerPool(4)) {
      Team[] teams = {new Team(pool, 2), new Team(pool, 2)};
      int[] rounds = new int[4];
      pool.run(
          4,
          (index, worker) -> {
            int most = index < 2 ? ROUNDS : 3;
            for (int round = 0; round < most; round++) {
              teams[index / 2].barrier();
              rounds[index]++;
            }
          });
      assertThat(rounds).containsExactly(ROUNDS, ROUNDS, 3, 3);
    }
  }

  /**
   * The clock of a member that is asked moves on over a barrier; of the other it is not looked at.
   */
  @Test
  @Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void onlyAMemberThatIsAskedMeasuresItsWaits() {
    try (WorkerPool pool = new WorkerPool(2)) {
      Team team = new Team(pool, 2);
      TeamMember[] members = {team.member(0), team.member(1)};
      members[0].beginMeasuringWaits();
      pool.run(
          2,
          (index, worker) -> {
            for (int round = 0; round < ROUNDS; round++) {
              members[index].barrier();
            }
          });
      assertThat(members[0].endMeasuringWaits()).isPositive();
      assertThat(members[1].endMeasuringWaits()).isZero();
      members[0].beginMeasuringWaits();
      assertThat(members[0].endMeasuringWaits()).isZero();
    }
  }

  @Test
  void aTeamOfOneNeverWaits() {
    Team alone = Team.alone();
    alone.barrier();
    assertThat(alone.size()).isOne();
    assertThat(alone.broadcast(0, 3)).isEqualTo(3);
    assertThat(alone.partition(0, 7, 4)).isZero();
    assertThat(alone.partition(1, 7, 4)).isEqualTo(7);
  }

  @Test
  @Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void aMemberKnowsItsPlace() {
    try (WorkerPool pool = new WorkerPool(3)) {
      Team team = new Team(pool, 3);
      int[] ends = new int[3];
      int[] received = new int[3];
      pool.run(
          3,
          (index, worker) -> {
            TeamMember member = team.member(index);
            received[index] = member.broadcast(7 + member.index());
            member.barrier();
            ends[index] = member.to(10, 4);
          });
      assertThat(received).containsOnly(7);
      assertThat(ends).containsExactly(4, 8, 10);
      assertThat(team.member(1).from(10, 4)).isEqualTo(4);
      assertThat(team.member(0).isFirst()).isTrue();
      assertThat(team.member(1).isFirst()).isFalse();
      assertThat(team.member(2).teamSize()).isEqualTo(3);
      assertThatThrownBy(() -> team.member(3)).isInstanceOf(IndexOutOfBoundsException.class);
    }
  }

  @Test
  void refusesMoreMembersThanWorkers() {
    try (WorkerPool pool = new WorkerPool(2)) {
      assertThatIllegalArgumentException().isThrownBy(() -> new Team(pool, 3));
      assertThatIllegalArgumentException().isThrownBy(() -> new Team(pool, 0));
    }
  }

  @Property
  void partitionsAreWholeUnitsSideBySideAndEven(
      @ForAll @IntRange(min = 1, max = 9) int size,
      @ForAll @IntRange(max = 70_000) int n,
      @ForAll @IntRange(min = 1, max = 64) int unit) {
    try (WorkerPool pool = new WorkerPool(size)) {
      Team team = new Team(pool, size);
      assertThat(team.partition(0, n, unit)).isZero();
      assertThat(team.partition(size, n, unit)).isEqualTo(n);
      for (int member = 0; member < size; member++) {
        int from = team.partition(member, n, unit);
        int to = team.partition(member + 1, n, unit);
        assertThat(from).isLessThanOrEqualTo(to);
        assertThat(to - from).isLessThan(n / size + 2 * unit);
        assertThat(from == n || from % unit == 0).isTrue();
      }
    }
  }
}
