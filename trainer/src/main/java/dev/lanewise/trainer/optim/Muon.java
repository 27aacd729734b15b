package dev.lanewise.trainer.optim;

import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.ParameterLayout;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.engine.tensor.Role;
import dev.lanewise.engine.tensor.Shape;
import dev.lanewise.kernels.KernelSet;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.MuonUpdate;
import dev.lanewise.model.memory.WeightPanels.Piece;
import dev.lanewise.trainer.settings.Settings;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Muon (Jordan et al., 2024, github.com/KellerJordan/Muon) for the weight matrices inside the
 * blocks: momentum with Nesterov's look ahead, made orthogonal by {@link NewtonSchulz}, so that a
 * step moves all directions of a matrix about as far. {@link AdamW} for all else: embeddings, head,
 * gains, biases.
 *
 * <p>Matrices that are stored as one, such as queries, keys and values, are updated each by itself.
 * A matrix of more outputs than inputs moves by the square root of their ratio as far again, which
 * is Jordan's rule. Decay of weights is decoupled and goes by Muon's learning rate, which is
 * AdamW's in another measure: the schedule bends both alike.
 *
 * <p>A task is one matrix as it is stored, the one with most work first. So no more workers can
 * help than there are matrices.
 */
final class Muon implements Optimizer {

  private final List<Matrices> hidden;
  private final AdamW others;
  private final ParameterStore momentum;
  private final MuonUpdate kernel;
  private final float keep;
  private final float weightDecay;
  private final double relativeRate;
  private float learningRate;
  private float gradientScale;

  private Muon(
      Settings settings,
      ParameterLayout layout,
      List<Piece> pieces,
      KernelSet kernels,
      int workers) {
    List<Parameter> matrices =
        hidden(layout).stream()
            .filter(matrix -> pieces.stream().anyMatch(p -> p.parameter().equals(matrix)))
            .toList();
    List<Piece> rest = pieces.stream().filter(p -> !matrices.contains(p.parameter())).toList();
    this.others = new AdamW(settings, layout, rest, kernels);
    this.momentum = ParameterStore.of(layout, matrices);
    this.kernel = kernels.muon();
    this.keep = (float) settings.optimizer().momentum();
    this.weightDecay = (float) settings.optimizer().weightDecay();
    this.relativeRate =
        settings.optimizer().muonLearningRate() / settings.schedule().maxLearningRate();
    List<Workplace> workplaces =
        Stream.generate(() -> new Workplace(kernels, matrices)).limit(workers).toList();
    this.hidden =
        matrices.stream()
            .map(matrix -> Matrices.of(matrix, pieces, workplaces))
            .sorted(Comparator.comparingLong(Matrices::work).reversed())
            .toList();
  }

  /** Muon as settings name it. */
  public static final class Kind implements OptimizerKind {

    /** Makes the kind, which has no state. */
    public Kind() {}

    @Override
    public String id() {
      return "muon";
    }

    @Override
    public long stateFloats(ParameterLayout layout) {
      long matrices = hidden(layout).stream().mapToLong(Parameter::size).sum();
      return matrices + 2 * (layout.trainableSize() - matrices);
    }

    @Override
    public boolean needsWhole(Parameter parameter) {
      return isHidden(parameter);
    }

    @Override
    public long workFloats(ParameterLayout layout) {
      return Workplace.floats(hidden(layout));
    }

    @Override
    public Optimizer create(
        Settings settings,
        ParameterLayout layout,
        List<Piece> pieces,
        KernelSet kernels,
        int workers) {
      return new Muon(settings, layout, pieces, kernels, workers);
    }
  }

  private static List<Parameter> hidden(ParameterLayout layout) {
    return layout.trainable().stream().filter(Muon::isHidden).toList();
  }

  private static boolean isHidden(Parameter parameter) {
    return parameter.role() == Role.HIDDEN && parameter.shape().rank() == 2;
  }

  private static Stream<Shape> shapes(Parameter parameter) {
    int rows = parameter.shape().dimension(0);
    return parameter.parts().stream().map(columns -> Shape.of(rows, columns));
  }

  /**
   * Where one worker makes matrices orthogonal: memory for the largest, and a view for each shape.
   */
  private static final class Workplace {

    private final Map<Shape, NewtonSchulz> byShape = new HashMap<>();

    Workplace(KernelSet kernels, List<Parameter> parameters) {
      float[] memory = new float[Math.toIntExact(floats(parameters))];
      for (Parameter parameter : parameters) {
        shapes(parameter)
            .forEach(
                shape ->
                    byShape.computeIfAbsent(
                        shape,
                        s -> new NewtonSchulz(kernels, s.dimension(0), s.dimension(1), memory)));
      }
    }

    static long floats(List<Parameter> parameters) {
      return parameters.stream()
          .flatMap(Muon::shapes)
          .mapToLong(shape -> NewtonSchulz.floats(shape.dimension(0), shape.dimension(1)))
          .max()
          .orElse(0);
    }

    NewtonSchulz forShape(Shape shape) {
      return byShape.get(shape);
    }
  }

  /**
   * One stored matrix.
   *
   * @param parts the matrices of which it is made
   * @param pieces what is packed when it has been updated
   */
  private record Matrices(Parameter parameter, List<Part> parts, List<Piece> pieces) {

    static Matrices of(Parameter parameter, List<Piece> all, List<Workplace> workplaces) {
      List<Part> parts = new ArrayList<>();
      int from = 0;
      for (Shape shape : shapes(parameter).toList()) {
        List<NewtonSchulz> byWorker =
            workplaces.stream().map(workplace -> workplace.forShape(shape)).toList();
        double ratio = (double) shape.dimension(1) / shape.dimension(0);
        parts.add(new Part(from, (float) Math.sqrt(Math.max(1, ratio)), byWorker));
        from += shape.dimension(1);
      }
      List<Piece> own = all.stream().filter(piece -> piece.parameter().equals(parameter)).toList();
      return new Matrices(parameter, List.copyOf(parts), own);
    }

    /** Multiply-adds of a product with the smaller side: all else goes with it. */
    long work() {
      return shapes(parameter)
          .mapToLong(s -> (long) s.size() * Math.min(s.dimension(0), s.dimension(1)))
          .sum();
    }
  }

  /**
   * A matrix.
   *
   * @param from its first column where it is stored
   * @param scale how far it moves for a learning rate of 1
   * @param byWorker what makes it orthogonal, on each worker
   */
  private record Part(int from, float scale, List<NewtonSchulz> byWorker) {}

  @Override
  public List<OptimizerState> state() {
    return Stream.concat(
            Stream.of(new OptimizerState("momentum", "momentum", momentum)),
            others.state().stream())
        .toList();
  }

  @Override
  public int tasks() {
    return hidden.size() + others.tasks();
  }

  @Override
  public void begin(long t, double rate, double scale) {
    learningRate = (float) (rate * relativeRate);
    gradientScale = (float) scale;
    others.begin(t, rate, scale);
  }

  @Override
  public void update(
      int task,
      int worker,
      ParameterStore weights,
      ParameterStore gradients,
      Consumer<Piece> updated) {
    if (task >= hidden.size()) {
      others.update(task - hidden.size(), worker, weights, gradients, updated);
      return;
    }
    Matrices matrix = hidden.get(task);
    for (int i = 0; i < matrix.parts.size(); i++) {
      update(matrix.parameter, matrix.parts.get(i), worker, weights, gradients);
    }
    for (int i = 0; i < matrix.pieces.size(); i++) {
      updated.accept(matrix.pieces.get(i));
    }
  }

  private void update(
      Parameter parameter,
      Part part,
      int worker,
      ParameterStore weights,
      ParameterStore gradients) {
    int rows = parameter.shape().dimension(0);
    NewtonSchulz orthogonal = part.byWorker.get(worker);
    Matrix gradient = gradients.matrix(parameter);
    Matrix mean = momentum.matrix(parameter);
    kernel.momentum(rows, keep, gradientScale, gradient, mean, part.from, orthogonal.input());
    Matrix direction = orthogonal.orthogonalize();
    Matrix weight = weights.matrix(parameter);
    kernel.apply(rows, learningRate, weightDecay, part.scale, direction, weight, part.from);
  }
}
