package dev.lanewise.engine.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.lanewise.engine.tensor.MemoryPlan.Use;
import dev.lanewise.kernels.CacheLine;
import dev.lanewise.kernels.Matrix;
import org.junit.jupiter.api.Test;

class MemoryPlanTest {

  private static final int FIRST = (int) CacheLine.start(0);

  private final MemoryPlan plan = new MemoryPlan();

  private Matrix[] views(Use use) {
    MemoryPlan.Layout layout = plan.layout(use, 1, 1);
    return layout.views(layout.allocate(0));
  }

  @Test
  void activationsFollowOneAnotherAtCacheLines() {
    Activation a = plan.state("a", 2, 5);
    Activation b = plan.state("b", 1, 16);
    Activation c = plan.state("c", 1, 0);
    Activation d = plan.state("d", 17, 1);
    Activation e = plan.state("e", 1, 1);
    MemoryPlan.Layout layout = plan.layout(Use.TRAINING, 1, 1);
    Matrix[] views = layout.views(layout.allocate(0));

    assertThat(views[a.index()].offset()).isEqualTo(FIRST);
    assertThat(views[a.index()].rowStride()).isEqualTo(5);
    assertThat(views[a.index()].columns()).isEqualTo(5);
    assertThat(views[b.index()].offset()).isEqualTo(FIRST + 16);
    assertThat(views[c.index()].offset()).isEqualTo(FIRST + 32);
    assertThat(views[d.index()].offset()).isEqualTo(FIRST + 32);
    assertThat(views[e.index()].offset()).isEqualTo(FIRST + 64);
    assertThat(layout.size()).isEqualTo(FIRST + 65);
    assertThat(layout.allocate(0)).hasSize(FIRST + 65);
    assertThat(layout.allocate(3)).hasSize(FIRST + 68);
  }

  @Test
  void memoriesOfOnePlanAreApart() {
    plan.state("a", 1, 3);
    MemoryPlan.Layout layout = plan.layout(Use.TRAINING, 1, 1);

    assertThat(layout.allocate(0)).isNotSameAs(layout.allocate(0));
  }

  @Test
  void refusesMoreThanAnArrayHolds() {
    plan.state("a", 1, 1 << 30);
    assertThat(plan.layout(Use.TRAINING, 1, 1).size()).isEqualTo(FIRST + (1L << 30));
    plan.state("attention", 1L << 20, 1 << 20);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> plan.layout(Use.TRAINING, 1, 1))
        .withMessageContaining("attention")
        .withMessageContaining("shorten the context");
  }

  @Test
  void refusesMoreScratchThanAnArrayHolds() {
    plan.state("a", 1, 1 << 10);
    MemoryPlan.Layout layout = plan.layout(Use.TRAINING, 1, 1);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> layout.allocate(1L << 40))
        .withMessageContaining("scratch of all workers");
  }

  /** Each sees rows of its own columns; the room is that of the widest. */
  @Test
  void buffersOfOneNameShareTheirPlace() {
    Activation narrow = plan.buffer("gradient", 4, 3);
    Activation other = plan.buffer("other", 4, 5);
    Activation wide = plan.buffer("gradient", 4, 40);
    MemoryPlan.Layout layout = plan.layout(Use.TRAINING, 4, 4);
    Matrix[] views = layout.views(layout.allocate(0));

    assertThat(views[narrow.index()].offset()).isEqualTo(views[wide.index()].offset());
    assertThat(views[narrow.index()].offset(2) - views[narrow.index()].offset()).isEqualTo(6);
    assertThat(views[wide.index()].offset(2) - views[wide.index()].offset()).isEqualTo(80);
    assertThat(views[other.index()].offset()).isGreaterThanOrEqualTo(views[wide.index()].offset(4));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> plan.buffer("gradient", 5, 3))
        .withMessageContaining("gradient");
  }

  @Test
  void columnsShowAPartOfEachRow() {
    Activation all = plan.result("qkv", 2, 9);
    Activation some = plan.columns(all, 3, 4);
    Activation ofSome = plan.columns(some, 1, 2);
    Matrix[] views = views(Use.TRAINING);

    assertThat(some.columns()).isEqualTo(4);
    assertThat(views[some.index()].columns()).isEqualTo(4);
    assertThat(views[some.index()].offset(1)).isEqualTo(views[all.index()].offset(1) + 3);
    assertThat(views[ofSome.index()].offset(1)).isEqualTo(views[all.index()].offset(1) + 4);
    assertThat(views[some.index()].data()).isSameAs(views[all.index()].data());
  }

  @Test
  void onlyResultsAreListedAndInOrder() {
    Activation a = plan.result("a", 1, 1);
    plan.state("state", 1, 1);
    plan.buffer("buffer", 1, 1);
    plan.keptForBackward("kept", 1, 1);
    Activation b = plan.result("b", 1, 1);
    plan.columns(b, 0, 1);

    assertThat(plan.results()).containsExactly(a, b);
  }

  /** Backward computes it block by block, so one place serves all; what is kept is apart. */
  @Test
  void repeatedResultsOfBlocksShareTheirPlaceInTraining() {
    Activation[] repeated = new Activation[3];
    Activation[] kept = new Activation[3];
    for (int block = 0; block < 3; block++) {
      plan.beginBlock();
      kept[block] = plan.result("kept", 1, 30);
      repeated[block] = plan.repeatedResult("repeated", 1, 7);
      plan.endBlock();
    }
    for (Use use : Use.values()) {
      Matrix[] views = views(use);
      assertThat(repeated)
          .extracting(each -> views[each.index()].offset())
          .containsOnly(views[repeated[0].index()].offset());
    }
    Matrix[] training = views(Use.TRAINING);
    assertThat(kept)
        .extracting(each -> training[each.index()].offset())
        .doesNotHaveDuplicates()
        .doesNotContain(training[repeated[0].index()].offset());
    assertThat(plan.results())
        .containsExactly(kept[0], repeated[0], kept[1], repeated[1], kept[2], repeated[2]);
  }

  /** Three blocks between what is before and behind them. */
  @Test
  void blocksLieOverEachOtherInInferenceOnly() {
    Activation before = plan.result("before", 1, 20);
    Activation[] first = new Activation[3];
    Activation[] second = new Activation[3];
    for (int block = 0; block < 3; block++) {
      plan.beginBlock();
      first[block] = plan.result("first", 1, 30);
      second[block] = plan.state("second", 1, 7);
      plan.endBlock();
    }
    Activation behind = plan.result("behind", 1, 20);
    Matrix[] training = views(Use.TRAINING);
    Matrix[] inference = views(Use.INFERENCE);

    assertThat(training).extracting(Matrix::offset).doesNotHaveDuplicates().isSorted();
    for (int block = 1; block < 3; block++) {
      assertThat(inference[first[block].index()].offset())
          .isEqualTo(inference[first[0].index()].offset());
      assertThat(inference[second[block].index()].offset())
          .isEqualTo(inference[second[0].index()].offset());
    }
    assertThat(inference[before.index()].offset()).isEqualTo(FIRST);
    assertThat(inference[first[0].index()].offset()).isEqualTo(FIRST + 32);
    assertThat(inference[second[0].index()].offset()).isEqualTo(FIRST + 64);
    assertThat(inference[behind.index()].offset()).isEqualTo(FIRST + 80);
    assertThat(plan.layout(Use.INFERENCE, 1, 1).size()).isEqualTo(FIRST + 100);
    assertThat(plan.layout(Use.TRAINING, 1, 1).size()).isEqualTo(FIRST + 2 * 48 + 100);
  }

  /** Where backward runs blocks again. */
  @Test
  void onlyOutputsOfBlocksAreKeptWhenRecomputing() {
    Activation[] inside = new Activation[3];
    Activation[] kept = new Activation[3];
    Activation[] output = new Activation[3];
    for (int block = 0; block < 3; block++) {
      plan.beginBlock();
      inside[block] = plan.result("inside", 1, 30);
      kept[block] = plan.keptForBackward("probabilities", 1, 16);
      output[block] = plan.blockOutput("output", 1, 7);
      plan.endBlock();
    }
    Matrix[] views = views(Use.RECOMPUTING);

    for (int block = 0; block < 3; block++) {
      assertThat(views[inside[block].index()].offset()).isEqualTo(FIRST);
      assertThat(views[kept[block].index()].offset()).isEqualTo(FIRST + 32);
      assertThat(views[output[block].index()].offset()).isEqualTo(FIRST + 48 + 16 * block);
    }
    assertThat(plan.layout(Use.RECOMPUTING, 1, 1).size()).isEqualTo(FIRST + 80 + 7);
    assertThat(plan.layout(Use.INFERENCE, 1, 1).size()).isEqualTo(FIRST + 32 + 7);
    assertThat(plan.results()).contains(output);
  }

  @Test
  void whatIsKeptForBackwardHasNoRoomInInference() {
    Activation kept = plan.keptForBackward("probabilities", 100, 100);
    Activation result = plan.result("result", 1, 10);

    assertThat(views(Use.TRAINING)[kept.index()].columns()).isEqualTo(100);
    assertThat(views(Use.INFERENCE)[kept.index()]).isNull();
    assertThat(views(Use.INFERENCE)[result.index()].offset()).isEqualTo(FIRST);
    assertThat(plan.layout(Use.INFERENCE, 1, 1).size()).isEqualTo(FIRST + 10);
  }

  @Test
  void blocksHaveToBeAlike() {
    plan.beginBlock();
    plan.result("small", 1, 10);
    plan.endBlock();
    plan.beginBlock();
    plan.result("large", 1, 11);
    plan.endBlock();

    assertThat(plan.layout(Use.TRAINING, 1, 1).size()).isPositive();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> plan.layout(Use.INFERENCE, 1, 1))
        .withMessageContaining("large");
  }

  /** Planned for 12 rows; what has more rows than a pass is cut in proportion. */
  @Test
  void aPassOfFewerRowsTakesItsShare() {
    Activation rows = plan.result("rows", 12, 2);
    Activation heads = plan.keptForBackward("heads", 36, 3);
    Activation chunk = plan.state("chunk", 5, 16);
    Activation last = plan.result("last", 12, 1);

    MemoryPlan.Layout four = plan.layout(Use.TRAINING, 4, 12);
    Matrix[] views = four.views(four.allocate(0));
    assertThat(views[rows.index()].offset()).isEqualTo(FIRST);
    assertThat(views[heads.index()].offset()).isEqualTo(FIRST + 16);
    assertThat(views[chunk.index()].offset()).isEqualTo(FIRST + 16 + 48);
    assertThat(views[last.index()].offset()).isEqualTo(FIRST + 16 + 48 + 4 * 16);
    assertThat(four.size()).isEqualTo(FIRST + 16 + 48 + 4 * 16 + 4);
    assertThat(plan.layout(Use.TRAINING, 6, 12).size()).isEqualTo(FIRST + 16 + 64 + 5 * 16 + 6);
    assertThat(plan.layout(Use.TRAINING, 12, 12).size()).isEqualTo(FIRST + 32 + 112 + 5 * 16 + 12);
  }
}
