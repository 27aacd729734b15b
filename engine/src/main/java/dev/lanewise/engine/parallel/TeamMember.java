package dev.lanewise.engine.parallel;

/**
 * One member of a {@link Team}, and which part of the work is its own: the same part of the same
 * things each time.
 */
public final class TeamMember {

  private final Team team;
  private final int index;

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
    team.barrier();
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
