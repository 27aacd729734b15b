package dev.lanewise.trainer.optim;

import dev.lanewise.engine.tensor.ParameterLayout;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.kernels.AdamWUpdate;
import dev.lanewise.kernels.KernelSet;
import dev.lanewise.model.memory.WeightPanels.Piece;
import dev.lanewise.trainer.settings.OptimizerSettings;
import java.util.List;
import java.util.function.Consumer;

/**
 * Adam with decoupled weight decay (Kingma and Ba, 2015; Loshchilov and Hutter, 2019): decaying
 * means of the gradient and of its square, corrected for their start at zero. Decay applies by the
 * parameter's role; with decay 0 this is Adam. The arithmetic is {@link AdamWUpdate}'s.
 */
final class AdamW implements Optimizer {

  private final OptimizerSettings settings;
  private final List<Piece> pieces;
  private final ParameterStore firstMoment;
  private final ParameterStore secondMoment;
  private final AdamWUpdate kernel;
  private final AdamWUpdate.Step scalars = new AdamWUpdate.Step();

  private AdamW(
      OptimizerSettings settings, ParameterLayout layout, List<Piece> pieces, KernelSet kernels) {
    this.settings = settings;
    this.pieces = pieces;
    this.kernel = kernels.adamW();
    this.firstMoment = ParameterStore.ofTrainable(layout);
    this.secondMoment = ParameterStore.ofTrainable(layout);
  }

  /** AdamW as settings name it. */
  public static final class Kind implements OptimizerKind {

    /** Makes the kind, which has no state. */
    public Kind() {}

    @Override
    public String id() {
      return "adamw";
    }

    @Override
    public int states() {
      return 2;
    }

    @Override
    public Optimizer create(
        OptimizerSettings settings, ParameterLayout layout, List<Piece> pieces, KernelSet kernels) {
      return new AdamW(settings, layout, pieces, kernels);
    }
  }

  @Override
  public List<OptimizerState> state() {
    return List.of(
        new OptimizerState("exp_avg", "first moment", firstMoment),
        new OptimizerState("exp_avg_sq", "second moment", secondMoment));
  }

  @Override
  public int tasks() {
    return pieces.size();
  }

  @Override
  public void begin(long t, double learningRate, double gradientScale) {
    scalars.set(
        learningRate, settings.beta1(), settings.beta2(), settings.epsilon(), gradientScale, t);
  }

  @Override
  public void update(
      int task, ParameterStore weights, ParameterStore gradients, Consumer<Piece> updated) {
    Piece piece = pieces.get(task);
    boolean decays = DecayGroups.decays(piece.parameter().role());
    kernel.update(
        scalars,
        decays ? (float) settings.weightDecay() : 0f,
        piece.size(),
        piece.offset(),
        weights.data(),
        firstMoment.data(),
        secondMoment.data(),
        gradients.data());
    updated.accept(piece);
  }
}
