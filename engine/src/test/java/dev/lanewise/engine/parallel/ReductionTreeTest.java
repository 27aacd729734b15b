package dev.lanewise.engine.parallel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.lanewise.engine.random.RandomStream;
import dev.lanewise.kernels.KernelSet;
import dev.lanewise.kernels.scalar.ScalarKernels;
import dev.lanewise.kernels.vector.VectorKernels;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReductionTreeTest {

  private static final int SIZE = 2 * ReductionTree.BLOCK + 77;

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 13})
  void hasTheBitsOfItsDefinitionForAnyNumberOfWorkers(int shards) {
    float[][] leaves = randomLeaves(shards, SIZE);
    float[] expected = new float[SIZE];
    for (int i = 0; i < SIZE; i++) {
      expected[i] = sum(leaves, i, 0, shards);
    }
    Double squares = null;
    for (KernelSet kernels : new KernelSet[] {ScalarKernels.create(), VectorKernels.create()}) {
      for (int threads = 1; threads <= 3; threads++) {
        float[][] copy = copy(leaves);
        double found;
        try (WorkerPool pool = new WorkerPool(threads)) {
          found = new ReductionTree(kernels, copy).reduce(pool);
        }
        assertThat(copy[0]).as("%s, %d workers", kernels.name(), threads).isEqualTo(expected);
        squares = squares == null ? found : squares;
        assertThat(found).as("%s, %d workers", kernels.name(), threads).isEqualTo(squares);
      }
    }
  }

  /** The tree as recursion: the left part has the greatest power of two below the count. */
  private static float sum(float[][] leaves, int i, int from, int to) {
    int count = to - from;
    if (count == 1) {
      return leaves[from][i];
    }
    int left = Integer.highestOneBit(count - 1);
    return sum(leaves, i, from, from + left) + sum(leaves, i, from + left, to);
  }

  @Test
  void theSumOfSquaresIsThatOfTheSum() {
    float[][] leaves = randomLeaves(3, SIZE);
    double exact = 0;
    for (int i = 0; i < SIZE; i++) {
      float sum = (leaves[0][i] + leaves[1][i]) + leaves[2][i];
      exact += (double) sum * sum;
    }
    try (WorkerPool pool = new WorkerPool(2)) {
      double found = new ReductionTree(VectorKernels.create(), leaves).reduce(pool);
      assertThat(found).isCloseTo(exact, withinPercentage(1e-9));
    }
  }

  @Test
  void numbersAreAddedInTheSameOrder() {
    for (int shards = 1; shards <= 13; shards++) {
      float[][] leaves = randomLeaves(shards, 1);
      double[] numbers = new double[shards];
      for (int i = 0; i < shards; i++) {
        // So far apart in magnitude that the order shows.
        numbers[i] = leaves[i][0] * Math.pow(10, 8 * (i % 4));
      }
      assertThat(ReductionTree.reduce(numbers.clone())).isEqualTo(sum(numbers, 0, shards));
    }
  }

  private static double sum(double[] numbers, int from, int to) {
    int count = to - from;
    if (count == 1) {
      return numbers[from];
    }
    int left = Integer.highestOneBit(count - 1);
    return sum(numbers, from, from + left) + sum(numbers, from + left, to);
  }

  @Test
  void aNotANumberShowsInTheSumOfSquares() {
    float[][] leaves = randomLeaves(4, SIZE);
    leaves[3][SIZE - 1] = Float.NaN;
    try (WorkerPool pool = new WorkerPool(2)) {
      assertThat(new ReductionTree(VectorKernels.create(), leaves).reduce(pool)).isNaN();
    }
  }

  private static float[][] randomLeaves(int shards, int size) {
    float[][] leaves = new float[shards][size];
    for (int shard = 0; shard < shards; shard++) {
      RandomStream random = new RandomStream(5, RandomStream.DIAGNOSTICS, shard);
      for (int i = 0; i < size; i++) {
        leaves[shard][i] = (float) random.nextGaussian();
      }
    }
    return leaves;
  }

  private static float[][] copy(float[][] leaves) {
    float[][] copy = leaves.clone();
    for (int i = 0; i < copy.length; i++) {
      copy[i] = copy[i].clone();
    }
    return copy;
  }
}
