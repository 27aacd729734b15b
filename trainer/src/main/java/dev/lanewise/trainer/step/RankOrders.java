package dev.lanewise.trainer.step;

import dev.lanewise.engine.cluster.Cluster;
import dev.lanewise.engine.cluster.ClusterException;
import dev.lanewise.engine.cluster.Collectives;
import dev.lanewise.trainer.progress.LateLogger;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * How the ranks of a run act as one: rank 0 decides, and tells the others what all do next. A rank
 * that is not told anything sleeps. Any rank may be asked to stop; rank 0 learns it with the next
 * step.
 */
public final class RankOrders {

  private static final LateLogger LOG = new LateLogger(RankOrders.class);

  /** What ranks do together. */
  enum Kind {
    /** Wait on: rank 0 is at work on something of its own. */
    WAIT(0),
    /** Make the run's model, of what follows. */
    SETUP(1),
    /** Take the weights, and one's part of what the optimizer remembers. */
    SHARE(2),
    /** Take a step on the tokens that follow. */
    STEP(3),
    /** Move all rows of tables to where their momentum has brought them. */
    SETTLE(4),
    /** Compute the losses of the tokens that follow. */
    EVALUATE(5),
    /** Send what the optimizer remembers to rank 0. */
    COLLECT(6),
    /** End what is on its way: a run, or else all. */
    END(7);

    /** What it travels as. */
    private final int code;

    Kind(int code) {
      this.code = code;
    }

    private static Kind of(long code) {
      for (Kind kind : values()) {
        if (kind.code == code) {
          return kind;
        }
      }
      throw new ClusterException("rank 0 gives an order that is not known here: " + code);
    }
  }

  /** Numbers that go with an order. */
  private static final int NUMBERS = 4;

  private final Collectives collectives;
  private final long[] order = new long[1 + NUMBERS];
  private volatile boolean stopAsked;
  private volatile boolean busy;

  /** On rank 0: whether the others have been told of a run, and not of its end. */
  private boolean inRun;

  private boolean ended;

  /** Joins the ranks of a cluster. */
  public RankOrders(Cluster cluster) {
    this.collectives = new Collectives(cluster);
  }

  /** Returns the orders of a process that works alone, which gives none. */
  public static RankOrders alone() {
    return new RankOrders(Cluster.alone());
  }

  /** Returns who takes part. */
  public Cluster cluster() {
    return collectives.cluster();
  }

  Collectives collectives() {
    return collectives;
  }

  /** Returns whether this process works alone. */
  public boolean isAlone() {
    return cluster().size() == 1;
  }

  /** Returns whether this is the rank that decides. */
  public boolean leads() {
    return cluster().rank() == 0;
  }

  /** Asks all ranks to stop after the step; from any thread, on any rank. */
  public void askToStop() {
    stopAsked = true;
  }

  /** Returns whether a rank was asked to stop, as far as this one knows. */
  public boolean isStopAsked() {
    return stopAsked;
  }

  /** Returns whether ranks are in the middle of something, so that the others wait for this one. */
  public boolean isBusy() {
    return busy;
  }

  /**
   * Something that has to be the same on all ranks.
   *
   * @param name for people
   * @param value of which a message shows the lines that differ
   */
  public record Fact(String name, String value) {

    private byte[] bytes() {
      return value.getBytes(StandardCharsets.UTF_8);
    }
  }

  /**
   * Compares what has to be the same.
   *
   * @return on all ranks, which rank differs from rank 0 and in what, for people; empty if none
   *     does
   */
  public Optional<String> difference(List<Fact> facts) {
    for (Fact fact : facts) {
      String first = text(broadcast(0, leads() ? fact.bytes() : null));
      int rank = firstWithFlag(!fact.value.equals(first));
      if (rank >= 0) {
        String other = text(broadcast(rank, cluster().rank() == rank ? fact.bytes() : null));
        return Optional.of(
            "%s has another %s than %s: %s, and not %s"
                .formatted(
                    cluster().name(rank),
                    fact.name,
                    cluster().name(0),
                    linesOnlyIn(other, first),
                    linesOnlyIn(first, other)));
      }
    }
    return Optional.empty();
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static String linesOnlyIn(String text, String other) {
    List<String> others = other.lines().toList();
    List<String> only = text.lines().filter(line -> !others.contains(line)).toList();
    return only.isEmpty() ? "nothing" : String.join(", ", only);
  }

  /** Returns the first rank that raises a flag, or -1. */
  private int firstWithFlag(boolean own) {
    int ranks = cluster().size();
    byte[] flags = new byte[ranks];
    flags[cluster().rank()] = (byte) (own ? 1 : 0);
    long[] bounds = new long[ranks + 1];
    Arrays.setAll(bounds, rank -> rank);
    collectives.gatherAll(MemorySegment.ofArray(flags), bounds);
    int rank = 0;
    while (rank < ranks && flags[rank] == 0) {
      rank++;
    }
    return rank < ranks ? rank : -1;
  }

  /**
   * On rank 0: lets the others know, every so often, that it is still there, while it does
   * something of its own. So what they wait for at most need not be what that takes.
   */
  public void sayWaitEvery(Duration period) {
    Thread.ofPlatform()
        .daemon()
        .name("lanewise-ranks")
        .start(
            () -> {
              try {
                while (sayWait()) {
                  TimeUnit.NANOSECONDS.sleep(period.toNanos());
                }
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              } catch (ClusterException e) {
                LOG.debug("rank 0 itself will come upon it", e);
              }
            });
  }

  private synchronized boolean sayWait() {
    if (!busy && !ended) {
      send(Kind.WAIT);
    }
    return !ended;
  }

  /** On rank 0: tells the others what comes next, which then is done by all. */
  synchronized void give(Kind kind, long... numbers) {
    busy = true;
    send(kind, numbers);
  }

  private void send(Kind kind, long... numbers) {
    order[0] = kind.code;
    for (int i = 0; i < NUMBERS; i++) {
      order[1 + i] = i < numbers.length ? numbers[i] : 0;
    }
    collectives.broadcast(MemorySegment.ofArray(order));
  }

  /** On the other ranks: waits for what comes next. */
  Kind await() {
    busy = false;
    do {
      collectives.broadcast(MemorySegment.ofArray(order));
    } while (order[0] == Kind.WAIT.code);
    busy = true;
    return Kind.of(order[0]);
  }

  /** Returns a number that came with the order. */
  long number(int i) {
    return order[1 + i];
  }

  /** What was ordered is done. */
  synchronized void done() {
    busy = false;
  }

  /** Gives all ranks bytes that one has, null elsewhere, and of whose number they do not know. */
  private byte[] broadcast(int root, byte[] bytes) {
    long[] length = {bytes == null ? 0 : bytes.length};
    collectives.broadcast(root, MemorySegment.ofArray(length));
    byte[] all = bytes == null ? new byte[Math.toIntExact(length[0])] : bytes;
    collectives.broadcast(root, MemorySegment.ofArray(all));
    return all;
  }

  /**
   * On rank 0: tells the others what a run is of, see {@link #awaitSetup}. A run before it is over.
   */
  public synchronized void setUp(byte[] what) {
    if (!isAlone()) {
      endRun();
      give(Kind.SETUP);
      broadcast(0, what);
      inRun = true;
      done();
    }
  }

  private void endRun() {
    if (inRun) {
      inRun = false;
      send(Kind.END);
    }
  }

  /**
   * On the other ranks: waits for a run.
   *
   * @return what it is of; null if there is none any more
   */
  public byte[] awaitSetup() {
    if (await() == Kind.END) {
      done();
      return null;
    }
    byte[] what = broadcast(0, null);
    done();
    return what;
  }

  /** On rank 0: lets the others go, if they wait for orders. On these it does nothing. */
  public synchronized void end() {
    if (leads() && !isAlone() && !busy && !ended) {
      ended = true;
      endRun();
      send(Kind.END);
    }
  }
}
