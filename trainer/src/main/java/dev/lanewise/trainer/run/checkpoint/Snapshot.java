package dev.lanewise.trainer.run.checkpoint;

import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.model.family.ModelFiles;
import dev.lanewise.trainer.optim.OptimizerState;
import dev.lanewise.trainer.text.tokenizer.Tokenizer;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Everything that goes into a checkpoint. The stores are not copied: they must not change while it
 * is written.
 *
 * @param model what it is, and the files that say so
 * @param adapter what is trained if it is not the model itself, which then is not in the
 *     checkpoint; else null
 * @param weights in the layout of the {@link dev.lanewise.model.Transformer} of the model
 * @param optimizer what the optimizer remembers of trainable parameters of that layout
 */
public record Snapshot(
    TrainingState state,
    ModelFiles model,
    Tokenizer tokenizer,
    SavedAdapter adapter,
    ParameterStore weights,
    List<OptimizerState> optimizer) {

  /** Of a model that is trained itself. */
  public Snapshot(
      TrainingState state,
      ModelFiles model,
      Tokenizer tokenizer,
      ParameterStore weights,
      List<OptimizerState> optimizer) {
    this(state, model, tokenizer, null, weights, optimizer);
  }

  /**
   * Checks that the parts belong together.
   *
   * @throws IllegalArgumentException if the stores differ in layout, or the tokenizer is not the
   *     one that the state names
   */
  public Snapshot {
    optimizer = List.copyOf(optimizer);
    Set<String> trained =
        weights.layout().parameters().stream()
            .filter(Parameter::trainable)
            .map(Parameter::name)
            .collect(Collectors.toSet());
    for (OptimizerState remembered : optimizer) {
      if (!remembered.values().parameters().stream()
          .allMatch(parameter -> trained.contains(parameter.name()))) {
        throw new IllegalArgumentException(
            "weights and " + remembered.name() + " are of different layouts");
      }
    }
    if (!tokenizer.fingerprint().equals(state.tokenizerFingerprint())) {
      throw new IllegalArgumentException("the tokenizer is not the one that the state names");
    }
  }
}
