package dev.lanewise.trainer.optim;

import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.ParameterLayout;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.kernels.AdamWUpdate;
import dev.lanewise.kernels.KernelSet;
import dev.lanewise.model.memory.WeightPanels.Piece;
import dev.lanewise.trainer.settings.OptimizerSettings;
import dev.lanewise.trainer.settings.Settings;
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

  /**
   * Makes an optimizer that remembers nothing yet.
   *
   * @param pieces of the parameters that it is for
   */
  AdamW(Settings settings, ParameterLayout layout, List<Piece> pieces, KernelSet kernels) {
    this.settings = settings.resolvedOptimizer();
    this.pieces = pieces;
    this.kernel = kernels.adamW();
    List<Parameter> parameters = pieces.stream().map(Piece::parameter).distinct().toList();
    this.firstMoment = ParameterStore.of(layout, parameters);
    this.secondMoment = ParameterStore.of(layout, parameters);
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
    public long stateFloats(ParameterLayout layout) {
      return 2L * layout.trainableSize();
    }

    @Override
    public Optimizer create(
        Settings settings,
        ParameterLayout layout,
        List<Piece> pieces,
        KernelSet kernels,
        int workers) {
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
      int task,
      int worker,
      ParameterStore weights,
      ParameterStore gradients,
      Consumer<Piece> updated) {
    Piece piece = pieces.get(task);
    Parameter parameter = piece.parameter();
    boolean decays = DecayGroups.decays(parameter.role());
    int within = piece.offset() - weights.offset(parameter);
    kernel.update(
        scalars,
        decays ? (float) settings.weightDecay() : 0f,
        piece.size(),
        piece.offset(),
        weights.data(),
        gradients.data(),
        firstMoment.offset(parameter) + within,
        firstMoment.data(),
        secondMoment.data());
    updated.accept(piece);
  }
}
