package dev.lanewise.engine.parallel;

/**
 * One member of a {@link Team}, and which part of the work is its own: the same part of the same
 * things each time.
 */
public final class TeamMember {

  private final Team team;
  private final int index;
  private boolean measuresWaits;
  private long waited;

  TeamMember(Team team, int index) {
    this.team = team;
    this.index = index;
  }

  /** Returns its number, counted from 0. */
  public int index() {
    return index;
  }

  /** Returns how many members the team has. */
  public int teamSize() {
    return team.size();
  }

  /** Returns whether this is the first member, which does what one has to do for all. */
  public boolean isFirst() {
    return index == 0;
  }

  /** Waits until the whole team is here, see {@link Team#barrier}. */
  public void barrier() {
    if (!measuresWaits) {
      team.barrier();
      return;
    }
    long begun = System.nanoTime();
    team.barrier();
    waited += System.nanoTime() - begun;
  }

  /** Begins to measure how long this member waits at barriers; a member alone does not wait. */
  public void beginMeasuringWaits() {
    measuresWaits = team.size() > 1;
    waited = 0;
  }

  /** Ends measuring, and returns the nanoseconds since it began. */
  public long endMeasuringWaits() {
    measuresWaits = false;
    return waited;
  }

  /** Gives the team its first member's number, see {@link Team#broadcast}. */
  public int broadcast(int number) {
    return team.broadcast(index, number);
  }

  /** Returns where this member's partition of n things begins, cut in whole units. */
  public int from(int n, int unit) {
    return team.partition(index, n, unit);
  }

  /** Returns where this member's partition of n things ends. */
  public int to(int n, int unit) {
    return team.partition(index + 1, n, unit);
  }
}
