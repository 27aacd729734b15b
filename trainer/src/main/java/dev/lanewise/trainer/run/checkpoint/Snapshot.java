package dev.lanewise.trainer.run.checkpoint;

import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.ParameterLayout;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.model.family.ModelFiles;
import dev.lanewise.trainer.optim.OptimizerState;
import dev.lanewise.trainer.text.tokenizer.Tokenizer;
import java.util.List;

/**
 * Everything that goes into a checkpoint. The stores are not copied: they must not change while it
 * is written.
 *
 * @param model what it is, and the files that say so
 * @param weights in the layout of the {@link dev.lanewise.model.Transformer} of the model
 * @param optimizer what the optimizer remembers, in the same layout
 */
public record Snapshot(
    TrainingState state,
    ModelFiles model,
    Tokenizer tokenizer,
    ParameterStore weights,
    List<OptimizerState> optimizer) {

  /**
   * Checks that the parts belong together.
   *
   * @throws IllegalArgumentException if the stores differ in layout, or the tokenizer is not the
   *     one that the state names
   */
  public Snapshot {
    optimizer = List.copyOf(optimizer);
    for (OptimizerState remembered : optimizer) {
      if (!isOf(weights.layout(), remembered.values())) {
        throw new IllegalArgumentException(
            "weights and " + remembered.name() + " are of different layouts");
      }
    }
    if (!tokenizer.fingerprint().equals(state.tokenizerFingerprint())) {
      throw new IllegalArgumentException("the tokenizer is not the one that the state names");
    }
  }

  /**
   * Whether values are of parameters of that layout: all that are trained as a whole, or tables.
   */
  private static boolean isOf(ParameterLayout layout, ParameterStore values) {
    List<Parameter> tables = layout.tables();
    return values.layout() == layout
        ? values.data().length == layout.trainableSize()
        : values.parameters().stream()
            .map(Parameter::name)
            .toList()
            .equals(tables.stream().map(Parameter::name).toList());
  }
}
