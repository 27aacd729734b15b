package dev.lanewise.engine.parallel;

import dev.lanewise.kernels.KernelSet;
import dev.lanewise.kernels.Reduction;
import java.util.List;

/**
 * Adds the shards' gradients in the fixed order of {@link ShardTree}. The tree is keyed by shard
 * index, so the sum has the same bits however many workers computed it.
 *
 * <p>The flat arrays are cut into blocks of a fixed size, which the workers share; a block of all
 * shards is added while it is in cache, and its sum of squares taken at once.
 */
public final class ReductionTree {

  /** Floats in a block: with eight shards, half a megabyte. */
  public static final int BLOCK = 1 << 14;

  private final Reduction reduction;
  private final float[][] leaves;
  private final List<ShardTree.Sum> sums;
  private final int size;
  private final double[] squares;
  private final WorkerPool.Task task = this::reduceBlock;

  /**
   * Makes a tree over arrays of one length.
   *
   * @param leaves one per shard; the first also receives the sum, the others are overwritten
   */
  public ReductionTree(KernelSet kernels, float[][] leaves) {
    this.reduction = kernels.reduction();
    this.leaves = leaves.clone();
    this.sums = new ShardTree(leaves.length).sums();
    this.size = leaves[0].length;
    this.squares = new double[Math.ceilDiv(size, BLOCK)];
  }

  /**
   * Adds all leaves into the first and returns the sum of squares of the result: the blocks' sums,
   * added in ascending order.
   */
  public double reduce(WorkerPool pool) {
    pool.run(squares.length, task);
    double sum = 0;
    for (double square : squares) {
      sum += square;
    }
    return sum;
  }

  private void reduceBlock(int block, int worker) {
    int offset = block * BLOCK;
    int n = Math.min(BLOCK, size - offset);
    for (int i = 0; i < sums.size(); i++) {
      ShardTree.Sum sum = sums.get(i);
      reduction.add(n, leaves[sum.from()], offset, leaves[sum.into()], offset);
    }
    squares[block] = reduction.sumOfSquares(n, leaves[0], offset);
  }

  /** Adds numbers in the order in which {@link #reduce} adds arrays, destroying them. */
  public static double reduce(double[] leaves) {
    for (int stride = 1; stride < leaves.length; stride *= 2) {
      for (int i = 0; i + stride < leaves.length; i += 2 * stride) {
        leaves[i] += leaves[i + stride];
      }
    }
    return leaves[0];
  }
}
