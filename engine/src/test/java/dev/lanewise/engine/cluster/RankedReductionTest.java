package dev.lanewise.engine.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.engine.parallel.ReductionTree;
import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.engine.random.RandomStream;
import dev.lanewise.kernels.KernelSet;
import dev.lanewise.kernels.vector.VectorKernels;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The tree across ranks has the bits of the tree of one process, however shards are divided. */
@Timeout(120)
class RankedReductionTest {

  private static final int SIZE = 21 * ReductionTree.BLOCK + 77;
  private static final KernelSet KERNELS = VectorKernels.create();

  private static float[][] gradients(int shards, int size) {
    float[][] leaves = new float[shards][size];
    for (int s = 0; s < shards; s++) {
      RandomStream random = new RandomStream(7, RandomStream.INITIALIZATION, s);
      for (int i = 0; i < size; i++) {
        leaves[s][i] = (float) random.nextGaussian() * (1 + s);
      }
    }
    return leaves;
  }

  /** Raw bits. */
  private record Result(long squares, List<Integer> sum) {

    static Result of(double squares, float[] sum) {
      List<Integer> bits = new ArrayList<>();
      for (float value : sum) {
        bits.add(Float.floatToRawIntBits(value));
      }
      return new Result(Double.doubleToRawLongBits(squares), bits);
    }
  }

  private static Result expected(int shards, int size) {
    float[][] leaves = gradients(shards, size);
    try (WorkerPool pool = new WorkerPool(1)) {
      double squares = new ReductionTree(KERNELS, leaves).reduce(pool);
      return Result.of(squares, leaves[0]);
    }
  }

  /** Parts of about one size, their bounds not at blocks; the second is empty where that fits. */
  private static int[] bounds(int ranks, int size) {
    int[] bounds = new int[ranks + 1];
    for (int rank = 1; rank < ranks; rank++) {
      bounds[rank] = (int) ((long) size * rank / ranks) / 5 * 5;
    }
    bounds[ranks] = size;
    if (ranks > 4) {
      bounds[2] = bounds[1];
    }
    return bounds;
  }

  private static List<Result> onRanks(int shards, int ranks, int size, int[] bounds) {
    List<Cluster> clusters = ThreadCluster.of(ranks, Duration.ofSeconds(60));
    float[][] all = gradients(shards, size);
    List<CompletableFuture<Result>> running = new ArrayList<>();
    for (Cluster cluster : clusters) {
      CompletableFuture<Result> future = new CompletableFuture<>();
      running.add(future);
      Thread.ofPlatform()
          .start(
              () -> {
                try (WorkerPool pool = new WorkerPool(2)) {
                  RankShards divided = new RankShards(shards, ranks);
                  int rank = cluster.rank();
                  float[][] own = Arrays.copyOfRange(all, divided.from(rank), divided.to(rank));
                  RankedReduction reduction =
                      new RankedReduction(new Collectives(cluster), KERNELS, divided, own, bounds);
                  double squares = reduction.reduce(pool);
                  reduction.gather(own[0]);
                  future.complete(Result.of(squares, own[0]));
                } catch (RuntimeException | Error e) {
                  future.completeExceptionally(e);
                }
              });
    }
    return running.stream().map(CompletableFuture::join).toList();
  }

  private static void requireSameBits(int shards, int ranks, int size, int[] bounds) {
    Result expected = expected(shards, size);
    for (Result result : onRanks(shards, ranks, size, bounds)) {
      assertThat(result.squares).isEqualTo(expected.squares);
      assertThat(result.sum.equals(expected.sum)).as("the same sum").isTrue();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1,1", "2,2", "3,2", "3,3", "5,2", "5,4", "6,3", "7,5", "8,1", "8,2", "8,3", "8,4", "8,5",
    "8,6", "8,7", "8,8", "9,2", "11,4", "16,3"
  })
  void ranksDoNotChangeTheBits(int shards, int ranks) {
    requireSameBits(shards, ranks, SIZE, bounds(ranks, SIZE));
  }

  /** Fewer blocks than ranks, and all parts inside one block. */
  @ParameterizedTest
  @ValueSource(ints = {1, 40, ReductionTree.BLOCK, ReductionTree.BLOCK + 1})
  void norDoesAShortGradient(int size) {
    requireSameBits(8, 8, size, bounds(8, size));
    requireSameBits(5, 3, size, bounds(3, size));
  }

  /** One rank completes nothing, as with few whole matrices. */
  @Test
  void aRankMayCompleteNothing() {
    requireSameBits(8, 4, SIZE, new int[] {0, 0, SIZE, SIZE, SIZE});
    requireSameBits(8, 4, SIZE, new int[] {0, 10, 20, 30, SIZE});
  }

  @Test
  void moreRanksThanShardsAreRefused() {
    assertThatThrownBy(() -> new RankShards(8, 9))
        .isInstanceOf(ClusterException.class)
        .hasMessageContaining("--shards 9");
  }

  @Test
  void aRankThatDoesNotAnswerIsNamed() {
    Cluster first = ThreadCluster.of(2, Duration.ofMillis(50)).getFirst();
    assertThatThrownBy(() -> new Collectives(first).barrier())
        .isInstanceOf(ClusterException.class)
        .hasMessageContaining("rank 1");
  }
}
