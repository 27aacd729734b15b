package dev.lanewise.engine.cluster;

import dev.lanewise.engine.parallel.ReductionTree;
import dev.lanewise.engine.parallel.ShardTree;
import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.kernels.KernelSet;
import dev.lanewise.kernels.Reduction;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * Adds the gradients of shards that lie on several ranks, with the bits of {@link ReductionTree}: a
 * rank adds what lies inside its own run of shards, and the same tree goes on across ranks. Each
 * rank completes one part of the gradient, and gets for it from each other rank the sums of that
 * rank's greatest subtrees: one sum where runs are whole subtrees, as for 2, 4 or 8 ranks of 8
 * shards, and so no byte more than any reduction has to move. All goes in pieces, so that little
 * memory is needed beside the gradients.
 *
 * <p>Whole blocks are added on one rank, for the sums of squares to be those of one process. Where
 * a part begins inside a block, the rank before sends the rest of it.
 */
public final class RankedReduction {

  private static final int BLOCK = ReductionTree.BLOCK;

  /** Blocks of a part that are on their way at a time: a megabyte from each rank. */
  private static final int PIECE_BLOCKS = 16;

  private static final int PIECE = PIECE_BLOCKS * BLOCK;

  private final Collectives collectives;
  private final Cluster cluster;
  private final Reduction kernel;
  private final RankShards shards;
  private final float[][] leaves;
  private final int size;
  private final int[] bounds;
  private final List<ShardTree.Sum> own;
  private final List<ShardTree.Sum> across;
  private final float[][] arrived;
  private final MemorySegment out;
  private final MemorySegment in;
  private final double[] squares;
  private final WorkerPool.Task ownTask = this::addOwn;
  private final WorkerPool.Task acrossTask = this::addAcross;
  private int pieceFrom;

  /**
   * Makes the reduction of one rank.
   *
   * @param shards which of them are on which rank
   * @param leaves of this rank's shards; the first also receives this rank's part of the sum
   * @param bounds rank r completes the elements from bounds[r] to bounds[r + 1]
   */
  public RankedReduction(
      Collectives collectives,
      KernelSet kernels,
      RankShards shards,
      float[][] leaves,
      int[] bounds) {
    this.collectives = collectives;
    this.cluster = collectives.cluster();
    this.kernel = kernels.reduction();
    this.shards = shards;
    this.leaves = leaves.clone();
    this.size = leaves[0].length;
    this.bounds = bounds.clone();
    ShardTree tree = new ShardTree(shards.count());
    this.own = tree.within(shards.from(cluster.rank()), shards.to(cluster.rank()));
    this.across = tree.sums().stream().filter(sum -> !isOnOneRank(sum)).toList();
    this.arrived = new float[shards.count()][];
    int mostRoots = 0;
    for (int rank = 0; rank < cluster.size(); rank++) {
      List<Integer> roots = shards.roots(rank);
      mostRoots = Math.max(mostRoots, roots.size());
      for (int root : roots) {
        arrived[root] = rank == cluster.rank() ? null : new float[Math.min(PIECE, size)];
      }
    }
    Arena arena = Arena.ofAuto();
    long bytes = (long) Float.BYTES * mostRoots * Math.min(PIECE, size);
    this.out = arena.allocate(bytes, Long.BYTES);
    this.in = arena.allocate(bytes, Long.BYTES);
    this.squares = new double[Math.ceilDiv(size, BLOCK)];
  }

  private boolean isOnOneRank(ShardTree.Sum sum) {
    int rank = shards.rankOf(sum.into());
    return sum.end() <= shards.to(rank);
  }

  /** Where the blocks begin that a rank adds. */
  private int blocksFrom(int rank) {
    return Math.min(size, Math.ceilDiv(bounds[rank], BLOCK) * BLOCK);
  }

  private int blocksTo(int rank) {
    return blocksFrom(rank + 1);
  }

  /**
   * Adds all shards of all ranks. Afterwards the first of this rank's leaves has the sum in the
   * part that this rank completes.
   *
   * @return the sum of squares of the whole sum, the same on all ranks
   */
  public double reduce(WorkerPool pool) {
    pool.run(squares.length, ownTask);
    int pieces = 0;
    for (int rank = 0; rank < cluster.size(); rank++) {
      pieces = Math.max(pieces, Math.ceilDiv(blocksTo(rank) - blocksFrom(rank), PIECE));
    }
    for (int piece = 0; piece < pieces; piece++) {
      exchange(piece);
      pieceFrom = pieceFrom(cluster.rank(), piece);
      pool.run(Math.ceilDiv(pieceFloats(cluster.rank(), piece), BLOCK), acrossTask);
    }
    for (int rank = 1; rank < cluster.size(); rank++) {
      sendRest(rank);
    }
    return sumOfSquares();
  }

  /** Gives a rank the beginning of its part, where that is in a block of a rank before it. */
  private void sendRest(int rank) {
    int from = bounds[rank];
    int floats = Math.min(blocksFrom(rank), bounds[rank + 1]) - from;
    if (floats <= 0) {
      return;
    }
    int owner = rank - 1;
    while (blocksFrom(owner) > from) {
      owner--;
    }
    MemorySegment rest =
        MemorySegment.ofArray(leaves[0])
            .asSlice((long) Float.BYTES * from, (long) Float.BYTES * floats);
    if (cluster.rank() == owner) {
      collectives.send(rank, rest);
    } else if (cluster.rank() == rank) {
      collectives.receive(owner, rest);
    }
  }

  private void addOwn(int block, int worker) {
    int first = shards.from(cluster.rank());
    int offset = block * BLOCK;
    int n = Math.min(BLOCK, size - offset);
    for (int i = 0; i < own.size(); i++) {
      ShardTree.Sum sum = own.get(i);
      kernel.add(n, leaves[sum.from() - first], offset, leaves[sum.into() - first], offset);
    }
  }

  private int pieceFrom(int rank, int piece) {
    return Math.min(blocksFrom(rank) + piece * PIECE, blocksTo(rank));
  }

  private int pieceFloats(int rank, int piece) {
    return Math.min(PIECE, blocksTo(rank) - pieceFrom(rank, piece));
  }

  /**
   * Everyone sends to all others, each in another order, so that no rank is asked by all at once.
   */
  private void exchange(int piece) {
    int rank = cluster.rank();
    for (int k = 1; k < cluster.size(); k++) {
      int to = (rank + k) % cluster.size();
      int from = (rank - k + cluster.size()) % cluster.size();
      MemorySegment sent = gather(to, piece);
      int floats = pieceFloats(rank, piece);
      List<Integer> roots = shards.roots(from);
      MemorySegment received = in.asSlice(0, (long) Float.BYTES * floats * roots.size());
      cluster.exchange(
          sent.byteSize() == 0 ? Cluster.NOBODY : to,
          sent,
          received.byteSize() == 0 ? Cluster.NOBODY : from,
          received);
      for (int i = 0; i < roots.size(); i++) {
        copy(received, i * floats, arrived[roots.get(i)], 0, floats);
      }
    }
  }

  private MemorySegment gather(int to, int piece) {
    int floats = pieceFloats(to, piece);
    List<Integer> roots = shards.roots(cluster.rank());
    int first = shards.from(cluster.rank());
    for (int i = 0; i < roots.size(); i++) {
      MemorySegment.copy(
          leaves[roots.get(i) - first],
          pieceFrom(to, piece),
          out,
          ValueLayout.JAVA_FLOAT,
          (long) Float.BYTES * i * floats,
          floats);
    }
    return out.asSlice(0, (long) Float.BYTES * floats * roots.size());
  }

  private static void copy(MemorySegment source, int from, float[] target, int at, int floats) {
    MemorySegment.copy(
        source, ValueLayout.JAVA_FLOAT, (long) Float.BYTES * from, target, at, floats);
  }

  /** Goes on with the tree, for a block that all ranks' sums have arrived of. */
  private void addAcross(int block, int worker) {
    int rank = cluster.rank();
    int first = shards.from(rank);
    int at = block * BLOCK;
    int offset = pieceFrom + at;
    int n = Math.min(BLOCK, blocksTo(rank) - offset);
    for (int i = 0; i < across.size(); i++) {
      ShardTree.Sum sum = across.get(i);
      float[] from = arrived[sum.from()];
      float[] into = arrived[sum.into()];
      kernel.add(
          n,
          from == null ? leaves[sum.from() - first] : from,
          from == null ? offset : at,
          into == null ? leaves[sum.into() - first] : into,
          into == null ? offset : at);
    }
    if (rank > 0) {
      System.arraycopy(arrived[0], at, leaves[0], offset, n);
    }
    squares[offset / BLOCK] = kernel.sumOfSquares(n, leaves[0], offset);
  }

  private double sumOfSquares() {
    long[] at = new long[bounds.length];
    for (int rank = 0; rank < at.length; rank++) {
      at[rank] = (long) Double.BYTES * Math.ceilDiv(blocksFrom(rank), BLOCK);
    }
    collectives.gatherAll(MemorySegment.ofArray(squares), at);
    double sum = 0;
    for (double square : squares) {
      sum += square;
    }
    return sum;
  }

  /** Gives all ranks all of an array of which each has the part that it completes. */
  public void gather(float[] data) {
    long[] at = new long[bounds.length];
    for (int rank = 0; rank < at.length; rank++) {
      at[rank] = (long) Float.BYTES * bounds[rank];
    }
    MemorySegment all = MemorySegment.ofArray(data);
    collectives.gatherAll(all.asSlice(0, at[at.length - 1]), at);
  }

  /** Returns the bytes that this rank sends in a step: for the sum, and to give all the weights. */
  public long bytesSent() {
    int rank = cluster.rank();
    long floats = (long) (cluster.size() - 1) * (bounds[rank + 1] - bounds[rank]);
    for (int to = 0; to < cluster.size(); to++) {
      floats += to == rank ? 0 : (long) shards.roots(rank).size() * (blocksTo(to) - blocksFrom(to));
    }
    return Float.BYTES * floats
        + (long) Double.BYTES * (cluster.size() - 1) * squares.length / cluster.size();
  }
}
