package dev.lanewise.engine.cluster;

import dev.lanewise.engine.parallel.ShardTree;
import java.util.ArrayList;
import java.util.List;

/** Which shards are on which rank: each has a run of them, as equal as can be. */
public final class RankShards {

  private final int count;
  private final int ranks;
  private final List<List<Integer>> roots = new ArrayList<>();

  /**
   * Divides shards.
   *
   * @throws ClusterException if there are more ranks than shards
   */
  public RankShards(int count, int ranks) {
    requireEnough(count, ranks);
    this.count = count;
    this.ranks = ranks;
    ShardTree tree = new ShardTree(count);
    for (int rank = 0; rank < ranks; rank++) {
      roots.add(tree.roots(from(rank), to(rank)));
    }
  }

  /**
   * Requires that each rank gets a shard.
   *
   * @throws ClusterException if there are more ranks than shards
   */
  public static void requireEnough(int count, int ranks) {
    if (ranks > count) {
      throw new ClusterException(
          "%d ranks cannot work on %d shards, because a rank works on whole shards: start at most %d ranks, or give --shards %d and a --batch of at least as many sequences; the number of shards is part of what decides the result's bits"
              .formatted(ranks, count, count, ranks));
    }
  }

  /** Returns how many shards there are on all ranks. */
  public int count() {
    return count;
  }

  /** Returns how many ranks there are. */
  public int ranks() {
    return ranks;
  }

  /** Returns the first shard of a rank. */
  public int from(int rank) {
    return (int) ((long) count * rank / ranks);
  }

  /** Returns the end (exclusive) of a rank's shards. */
  public int to(int rank) {
    return from(rank + 1);
  }

  /** Returns which rank has a shard. */
  public int rankOf(int shard) {
    int rank = 0;
    while (to(rank) <= shard) {
      rank++;
    }
    return rank;
  }

  /** The greatest subtrees of the tree that lie on a rank, by their first shards. */
  List<Integer> roots(int rank) {
    return roots.get(rank);
  }
}
