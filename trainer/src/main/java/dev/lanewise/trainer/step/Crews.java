package dev.lanewise.trainer.step;

import dev.lanewise.engine.parallel.Team;
import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.engine.tensor.MemoryPlan.Use;
import dev.lanewise.model.Transformer;
import dev.lanewise.model.memory.Pass;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How the workers of a pool divide tasks, each of which goes through the model. With as many tasks
 * as workers a crew is one worker. With fewer a crew is a {@link Team}, which cuts the work inside
 * the operations: no worker is idle, and no result changes.
 */
final class Crews {

  /** Something that a crew does in step: each member is called, with its own pass. */
  @FunctionalInterface
  interface Job {

    /**
     * Does this member's share of a task.
     *
     * @param worker below the pool's size, and of no other member
     */
    void run(int task, int worker, Pass pass);
  }

  private final WorkerPool pool;
  private final Team[] teams;
  private final Pass[] passes;
  private final AtomicInteger next = new AtomicInteger();
  private final WorkerPool.Task member = this::work;
  private int tasks;
  private Job job;

  /** Makes crews with room for all sequences of a pass. */
  Crews(Transformer transformer, Use use, WorkerPool pool, int tasksAtATime) {
    this(transformer, use, transformer.sequencesPerPass(), pool, tasksAtATime);
  }

  /**
   * Makes crews, of about one size, for that many tasks at a time.
   *
   * @param sequences most sequences of a pass
   */
  Crews(Transformer transformer, Use use, int sequences, WorkerPool pool, int tasksAtATime) {
    this.pool = pool;
    this.teams = new Team[count(pool.size(), tasksAtATime)];
    this.passes = new Pass[pool.size()];
    int member = 0;
    for (int crew = 0; crew < teams.length; crew++) {
      int end = pool.size() * (crew + 1) / teams.length;
      teams[crew] = new Team(pool, end - member);
      for (Pass pass : transformer.passes().allocate(use, sequences, teams[crew])) {
        passes[member++] = pass;
      }
    }
  }

  /** Returns the number of crews that so many workers form. */
  static int count(int workers, int tasksAtATime) {
    return Math.min(workers, tasksAtATime);
  }

  /** Runs tasks 0..count-1. A crew takes the next one when it is free. */
  void run(int count, Job job) {
    this.tasks = count;
    this.job = job;
    next.set(0);
    for (Team team : teams) {
      team.begin();
    }
    pool.run(passes.length, member);
    this.job = null;
  }

  private void work(int index, int worker) {
    Pass pass = passes[index];
    int task = takeNext(pass);
    while (task < tasks) {
      job.run(task, worker, pass);
      task = takeNext(pass);
    }
  }

  private int takeNext(Pass pass) {
    return pass.member().broadcast(pass.member().isFirst() ? next.getAndIncrement() : 0);
  }

  /** Makes a pass for the caller alone, over memory of these crews; for when they do nothing. */
  Pass passOfOne() {
    return passes[0].alone();
  }
}
