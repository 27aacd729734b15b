package dev.lanewise.trainer.text.token;

import dev.lanewise.model.memory.Batch;
import dev.lanewise.model.memory.RowGradients;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A step on packed documents.
 *
 * @param packed a micro-batch each
 */
public record PackedStep(List<PackedWindows> packed) implements StepTokens {

  /** Copies the list. */
  public PackedStep {
    packed = List.copyOf(packed);
  }

  /** Makes room for a step of so many micro-batches of so many windows. */
  public static PackedStep of(int microBatches, int windows, int context) {
    return new PackedStep(
        IntStream.range(0, microBatches)
            .mapToObj(micro -> new PackedWindows(windows, context))
            .toList());
  }

  /**
   * Packs windows that are full, each of one document.
   *
   * @param ids per micro-batch, {@code windows} rows of {@code context} ids
   * @param targets likewise: what is to follow each id, or {@link Batch#UNCOUNTED}
   */
  public static PackedStep of(int[][] ids, int[][] targets, int windows, int context) {
    PackedStep step = of(ids.length, windows, context);
    for (int micro = 0; micro < ids.length; micro++) {
      for (int window = 0; window < windows; window++) {
        step.packed.get(micro).add(ids[micro], targets[micro], window * context, context);
        step.packed.get(micro).endWindow();
      }
    }
    return step;
  }

  @Override
  public int microBatches() {
    return packed.size();
  }

  @Override
  public long counted() {
    long sum = 0;
    for (int micro = 0; micro < packed.size(); micro++) {
      sum += packed.get(micro).counted();
    }
    return sum;
  }

  @Override
  public long rows() {
    long sum = 0;
    for (int micro = 0; micro < packed.size(); micro++) {
      sum += packed.get(micro).rows();
    }
    return sum;
  }

  @Override
  public long pairs() {
    long sum = 0;
    for (int micro = 0; micro < packed.size(); micro++) {
      sum += packed.get(micro).pairs();
    }
    return sum;
  }

  @Override
  public void give(Batch batch, int micro, int from, int windows) {
    packed.get(micro).give(batch, from, windows);
  }

  @Override
  public void touch(RowGradients rows, int micro, int from, int windows) {
    packed.get(micro).touch(rows, from, windows);
  }
}
