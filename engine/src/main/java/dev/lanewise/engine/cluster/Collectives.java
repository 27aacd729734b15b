package dev.lanewise.engine.cluster;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * What all ranks do together, or two of them, with memory of any kind. Heap memory goes through a
 * native piece, so what is sent may be of any size and the garbage collector is never held up.
 * Every rank makes the same calls in the same order, with the same sizes.
 */
public final class Collectives {

  /** Long enough for the bandwidth of a network, short enough for a cache. */
  private static final int PIECE = 1 << 20;

  private final Cluster cluster;
  private final MemorySegment out;
  private final MemorySegment in;

  /** Makes the collectives of a cluster, with memory that goes when they do. */
  public Collectives(Cluster cluster) {
    this.cluster = cluster;
    Arena arena = Arena.ofAuto();
    int bytes = cluster.size() == 1 ? Long.BYTES : PIECE;
    this.out = arena.allocate(bytes, Long.BYTES);
    this.in = arena.allocate(bytes, Long.BYTES);
  }

  /** Returns who takes part. */
  public Cluster cluster() {
    return cluster;
  }

  /** Gives all ranks what rank 0 has. */
  public void broadcast(MemorySegment data) {
    broadcast(0, data);
  }

  /** Gives all ranks what one of them has. */
  public void broadcast(int root, MemorySegment data) {
    if (cluster.size() == 1) {
      return;
    }
    for (long at = 0; at < data.byteSize(); at += PIECE) {
      MemorySegment part = data.asSlice(at, Math.min(PIECE, data.byteSize() - at));
      MemorySegment piece = out.asSlice(0, part.byteSize());
      if (cluster.rank() == root) {
        piece.copyFrom(part);
      }
      broadcastPiece(root, piece);
      if (cluster.rank() != root) {
        part.copyFrom(piece);
      }
    }
  }

  /** A binomial tree: who has the piece gives it to as many others, in each round. */
  private void broadcastPiece(int root, MemorySegment piece) {
    int size = cluster.size();
    int place = (cluster.rank() - root + size) % size;
    int round = 1;
    if (place > 0) {
      round = Integer.highestOneBit(place);
      int from = (place - round + root) % size;
      cluster.exchange(Cluster.NOBODY, MemorySegment.NULL, from, piece);
      round *= 2;
    }
    for (; place + round < size; round *= 2) {
      int to = (place + round + root) % size;
      cluster.exchange(to, piece, Cluster.NOBODY, MemorySegment.NULL);
    }
  }

  /**
   * Gives all ranks all parts of an array.
   *
   * @param data of which this rank has its own part
   * @param bounds in bytes: rank r has what lies from bounds[r] to bounds[r + 1]
   */
  public void gatherAll(MemorySegment data, long[] bounds) {
    int size = cluster.size();
    int rank = cluster.rank();
    long longest = 0;
    for (int r = 0; r < size; r++) {
      longest = Math.max(longest, bounds[r + 1] - bounds[r]);
    }
    for (long at = 0; at < longest && size > 1; at += PIECE) {
      MemorySegment own = part(data, bounds, rank, at);
      MemorySegment piece = out.asSlice(0, own.byteSize()).copyFrom(own);
      for (int k = 1; k < size; k++) {
        int from = (rank - k + size) % size;
        MemorySegment theirs = part(data, bounds, from, at);
        exchange((rank + k) % size, piece, from, theirs);
      }
    }
  }

  private static MemorySegment part(MemorySegment data, long[] bounds, int rank, long at) {
    long from = Math.min(bounds[rank] + at, bounds[rank + 1]);
    return data.asSlice(from, Math.min(PIECE, bounds[rank + 1] - from));
  }

  private void exchange(int to, MemorySegment piece, int from, MemorySegment target) {
    MemorySegment arrived = in.asSlice(0, target.byteSize());
    cluster.exchange(
        piece.byteSize() == 0 ? Cluster.NOBODY : to,
        piece,
        target.byteSize() == 0 ? Cluster.NOBODY : from,
        arrived);
    target.copyFrom(arrived);
  }

  /** Sends something to a rank that {@link #receive receives} as much. */
  public void send(int to, MemorySegment data) {
    for (long at = 0; at < data.byteSize(); at += PIECE) {
      MemorySegment part = data.asSlice(at, Math.min(PIECE, data.byteSize() - at));
      MemorySegment piece = out.asSlice(0, part.byteSize()).copyFrom(part);
      cluster.exchange(to, piece, Cluster.NOBODY, MemorySegment.NULL);
    }
  }

  /** Receives what a rank {@link #send sends}. */
  public void receive(int from, MemorySegment data) {
    for (long at = 0; at < data.byteSize(); at += PIECE) {
      MemorySegment part = data.asSlice(at, Math.min(PIECE, data.byteSize() - at));
      MemorySegment piece = in.asSlice(0, part.byteSize());
      cluster.exchange(Cluster.NOBODY, MemorySegment.NULL, from, piece);
      part.copyFrom(piece);
    }
  }

  /** Returns when all ranks have called it. */
  public void barrier() {
    int size = cluster.size();
    for (int step = 1; step < size; step *= 2) {
      int to = (cluster.rank() + step) % size;
      int from = (cluster.rank() - step + size) % size;
      cluster.exchange(to, out.asSlice(0, 1), from, in.asSlice(0, 1));
    }
  }
}
