package dev.lanewise.engine.parallel;

import java.util.ArrayList;
import java.util.List;

/**
 * The binary tree by which shards are added: shard i + shard i+1 for even i, then i + i+2 for
 * multiples of four, and so on. A function of the number of shards alone.
 *
 * @param shards how many there are
 */
public record ShardTree(int shards) {

  /**
   * One addition.
   *
   * @param into where one part lies, and then the sum: the first shard below this node
   * @param from where the other part lies: the first shard of the node's second half
   * @param end (exclusive) of the shards below this node
   */
  public record Sum(int into, int from, int end) {}

  /** Returns all additions in order. */
  public List<Sum> sums() {
    List<Sum> sums = new ArrayList<>();
    for (int stride = 1; stride < shards; stride *= 2) {
      for (int i = 0; i + stride < shards; i += 2 * stride) {
        sums.add(new Sum(i, i + stride, Math.min(i + 2 * stride, shards)));
      }
    }
    return List.copyOf(sums);
  }

  /** Returns those additions, in order, to which only a run of shards contributes. */
  public List<Sum> within(int first, int end) {
    return sums().stream().filter(sum -> sum.into >= first && sum.end <= end).toList();
  }

  /**
   * Returns where the sums lie that {@link #within} comes to, in ascending order: the first shard
   * of each greatest subtree inside a run of shards.
   */
  public List<Integer> roots(int first, int end) {
    List<Integer> added = within(first, end).stream().map(Sum::from).toList();
    List<Integer> roots = new ArrayList<>();
    for (int shard = first; shard < end; shard++) {
      if (!added.contains(shard)) {
        roots.add(shard);
      }
    }
    return List.copyOf(roots);
  }
}
