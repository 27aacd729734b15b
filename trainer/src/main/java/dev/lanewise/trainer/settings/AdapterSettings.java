package dev.lanewise.trainer.settings;

import dev.lanewise.model.family.AdapterConfig;
import dev.lanewise.model.family.ModelDescription;
import java.util.List;
import java.util.stream.Stream;

/**
 * What is added to the weights of a model to begin with, and alone is trained (LoRA).
 *
 * @param rank of what is added to a matrix; 0 to train the weights themselves
 * @param givenAlpha it is multiplied by alpha / rank; 0 for twice the rank
 * @param dropout rate of dropout of its input
 * @param targets names of matrices, with commas between them; empty for all of the blocks
 * @param adapter the folder of one to go on from; empty for a new one
 */
public record AdapterSettings(
    int rank, double givenAlpha, double dropout, String targets, String adapter) {

  /** Of a run that trains the weights themselves. */
  static final AdapterSettings NONE = new AdapterSettings(0, 0, 0, "", "");

  static AdapterSettings of(ConfigLayer values) {
    return new AdapterSettings(
        values.integer(ConfigKey.LORA_RANK),
        values.number(ConfigKey.LORA_ALPHA),
        values.number(ConfigKey.LORA_DROPOUT),
        values.text(ConfigKey.LORA_TARGETS),
        values.text(ConfigKey.ADAPTER));
  }

  /** Why a sampled softmax does not go with an adapter. */
  public static final String TRAINS_THE_HEAD =
      "trains the output projection, which --lora-rank leaves as it is; take 0";

  /** Returns whether there is anything to add. */
  public boolean isUsed() {
    return rank > 0;
  }

  /** Returns what is added, times its rank, is multiplied by. */
  public double alpha() {
    return givenAlpha == 0 ? 2.0 * rank : givenAlpha;
  }

  /**
   * Returns what it is as PEFT describes it.
   *
   * @param base where the model is
   */
  public AdapterConfig config(ModelDescription model, String base) {
    List<String> names =
        targets.isBlank()
            ? AdapterConfig.allTargets(model)
            : Stream.of(targets.split(",", -1)).map(String::strip).distinct().toList();
    return new AdapterConfig(rank, alpha(), dropout, names, base);
  }

  void check(ModelSettings model, Problems problems) {
    problems.requireBetween(ConfigKey.LORA_RANK, rank, 0, AdapterConfig.MOST_RANK);
    problems.requireShare(ConfigKey.LORA_DROPOUT, dropout, "; 0 turns it off");
    problems.requireFactorOrZero(ConfigKey.LORA_ALPHA, givenAlpha, "is twice the rank");
    problems.require(
        rank == 0 || !model.isNew(),
        ConfigKey.LORA_RANK,
        rank,
        "adds to the weights of a model that is there; name it with --from");
    problems.require(
        rank == 0 || model.sampledSoftmax() == 0,
        ConfigKey.SAMPLED_SOFTMAX,
        model.sampledSoftmax(),
        TRAINS_THE_HEAD);
    problems.require(
        rank > 0 || givenAlpha == 0, ConfigKey.LORA_ALPHA, givenAlpha, "needs a --lora-rank");
    problems.require(
        rank > 0 || dropout == 0, ConfigKey.LORA_DROPOUT, dropout, "needs a --lora-rank");
    problems.require(
        rank > 0 || targets.isEmpty(), ConfigKey.LORA_TARGETS, targets, "needs a --lora-rank");
    problems.require(
        rank > 0 || adapter.isEmpty(), ConfigKey.ADAPTER, adapter, "needs its --lora-rank");
    problems.require(
        targets.isBlank() || Stream.of(targets.split(",", -1)).noneMatch(String::isBlank),
        ConfigKey.LORA_TARGETS,
        targets,
        "has an empty name in it; write names with commas between them, such as q_proj,v_proj");
  }
}
