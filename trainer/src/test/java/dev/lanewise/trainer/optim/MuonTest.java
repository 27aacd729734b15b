package dev.lanewise.trainer.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lanewise.engine.tensor.Initializer;
import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.ParameterLayout;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.engine.tensor.Role;
import dev.lanewise.kernels.KernelSet;
import dev.lanewise.kernels.scalar.ScalarKernels;
import dev.lanewise.kernels.vector.VectorKernels;
import dev.lanewise.model.memory.WeightPanels.Piece;
import dev.lanewise.trainer.fixture.SmallSettings;
import dev.lanewise.trainer.settings.ConfigKey;
import dev.lanewise.trainer.settings.Settings;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The optimizer against the formulas, in double, and against AdamW for what that is for. */
class MuonTest {

  private static final double RATE = 2e-3;
  private static final double MUON_RATE = 0.03;
  private static final double DECAY = 0.1;
  private static final double SCALE = 0.5;

  private static final Settings SETTINGS =
      SmallSettings.layer()
          .with(ConfigKey.OPTIMIZER, "muon")
          .with(ConfigKey.LR, RATE)
          .with(ConfigKey.MUON_LR, MUON_RATE)
          .with(ConfigKey.WEIGHT_DECAY, DECAY)
          .toSettings();

  private final ParameterLayout.Builder builder = ParameterLayout.builder();
  private final Parameter table =
      builder.add("table", Role.EMBEDDING, Initializer.ZEROS, true, 9, 6);
  private final Parameter qkv =
      builder.add("qkv", List.of(6, 3, 3), Role.HIDDEN, Initializer.ZEROS, true, 6, 12);
  private final Parameter frozen =
      builder.add("frozen", Role.HIDDEN, Initializer.ZEROS, false, 6, 6);
  private final Parameter gain = builder.add("gain", Role.GAIN, Initializer.ZEROS, true, 6);
  private final Parameter up = builder.add("up", Role.HIDDEN, Initializer.ZEROS, true, 6, 24);
  private final Parameter head = builder.add("head", Role.HEAD, Initializer.ZEROS, true, 9, 6);
  private final ParameterLayout layout = builder.build();
  private final List<Piece> pieces = pieces();

  /** Matrices in two pieces each. */
  private List<Piece> pieces() {
    List<Piece> cut = new ArrayList<>();
    for (Parameter parameter : layout.trainable()) {
      int rows = parameter.size() / parameter.rowSize();
      int half = Math.ceilDiv(rows, 2);
      for (int row = 0; row < rows; row += half) {
        int count = Math.min(half, rows - row);
        int offset = layout.offset(parameter) + row * parameter.rowSize();
        cut.add(new Piece(parameter, offset, count * parameter.rowSize(), row, count));
      }
    }
    return List.copyOf(cut);
  }

  private Optimizer optimizer(String name, KernelSet kernels) {
    return Optimizers.STANDARD.named(name).create(SETTINGS, layout, pieces, kernels, 2);
  }

  private ParameterStore initial() {
    ParameterStore weights = new ParameterStore(layout);
    for (int i = 0; i < weights.data().length; i++) {
      weights.data()[i] = (float) Math.cos(i);
    }
    return weights;
  }

  private static float gradient(int i, int t) {
    return (float) Math.sin(i * i * 0.7 + t);
  }

  /** Tasks last to first, on two workers by turns. */
  private ParameterStore trained(Optimizer optimizer, int steps) {
    ParameterStore weights = initial();
    ParameterStore gradients = ParameterStore.ofTrainable(layout);
    for (int t = 1; t <= steps; t++) {
      for (int i = 0; i < gradients.data().length; i++) {
        gradients.data()[i] = gradient(i, t);
      }
      // The schedule is half way down.
      optimizer.begin(t, RATE / 2, SCALE);
      List<Piece> updated = new ArrayList<>();
      for (int task = optimizer.tasks() - 1; task >= 0; task--) {
        optimizer.update(task, task % 2, weights, gradients, updated::add);
      }
      assertThat(updated).containsExactlyInAnyOrderElementsOf(pieces);
    }
    return weights;
  }

  /** Some columns of a matrix after some steps. */
  private double[][] expected(Parameter parameter, int from, int columns, int steps) {
    int rows = parameter.shape().dimension(0);
    double[][] theta = new double[rows][columns];
    double[][] m = new double[rows][columns];
    double[][] u = new double[rows][columns];
    for (int t = 0; t <= steps; t++) {
      for (int i = 0; i < rows; i++) {
        for (int j = 0; j < columns; j++) {
          int at = layout.offset(parameter) + i * parameter.rowSize() + from + j;
          if (t == 0) {
            theta[i][j] = (float) Math.cos(at);
          } else {
            double g = SCALE * gradient(at, t);
            m[i][j] = 0.95 * m[i][j] + (1 - 0.95) * g;
            u[i][j] = 0.95 * m[i][j] + (1 - 0.95) * g;
          }
        }
      }
      if (t > 0) {
        double[][] direction = NewtonSchulzTest.reference(u);
        double longer = Math.sqrt(Math.max(1, (double) columns / rows));
        for (int i = 0; i < rows; i++) {
          for (int j = 0; j < columns; j++) {
            theta[i][j] -= MUON_RATE / 2 * (longer * direction[i][j] + DECAY * theta[i][j]);
          }
        }
      }
    }
    return theta;
  }

  @Test
  void followsTheFormulasForEachMatrixByItself() {
    for (KernelSet kernels : List.of(ScalarKernels.create(), VectorKernels.create())) {
      ParameterStore weights = trained(optimizer("muon", kernels), 3);
      assertNear(weights, qkv, 0, 6);
      assertNear(weights, qkv, 6, 3);
      assertNear(weights, qkv, 9, 3);
      assertNear(weights, up, 0, 24);
    }
  }

  private void assertNear(ParameterStore weights, Parameter parameter, int from, int columns) {
    double[][] expected = expected(parameter, from, columns, 3);
    for (int i = 0; i < expected.length; i++) {
      for (int j = 0; j < columns; j++) {
        int at = weights.offset(parameter) + i * parameter.rowSize() + from + j;
        assertThat((double) weights.data()[at])
            .as("%s (%d, %d)", parameter.name(), i, from + j)
            .isCloseTo(expected[i][j], within(2e-6));
      }
    }
  }

  @Test
  void whatIsNoHiddenMatrixIsLeftToAdamW() {
    ParameterStore muon = trained(optimizer("muon", VectorKernels.create()), 3);
    ParameterStore adam = trained(optimizer("adamw", VectorKernels.create()), 3);

    for (Parameter parameter : List.of(table, gain, head)) {
      assertThat(muon.tensor(parameter).toArray()).isEqualTo(adam.tensor(parameter).toArray());
    }
    assertThat(muon.tensor(up).toArray()).isNotEqualTo(adam.tensor(up).toArray());
    assertThat(muon.tensor(frozen).toArray()).isEqualTo(initial().tensor(frozen).toArray());
  }

  @Test
  void kernelsDoNotChangeTheBits() {
    assertThat(trained(optimizer("muon", VectorKernels.create()), 3).data())
        .isEqualTo(trained(optimizer("muon", ScalarKernels.create()), 3).data());
  }

  @Test
  void remembersOneNumberOfAMatrixElementAndTwoOfTheRest() {
    List<OptimizerState> state = optimizer("muon", VectorKernels.create()).state();

    assertThat(state)
        .extracting(OptimizerState::name)
        .containsExactly("momentum", "exp_avg", "exp_avg_sq");
    assertThat(state.get(0).values().parameters()).containsExactly(qkv, up);
    assertThat(state.get(1).values().parameters()).containsExactly(table, gain, head);
    assertThat(state.get(2).values().parameters()).containsExactly(table, gain, head);
    OptimizerKind kind = Optimizers.STANDARD.named("muon");
    assertThat(kind.stateFloats(layout))
        .isEqualTo(state.stream().mapToLong(each -> each.values().data().length).sum());
    assertThat(kind.workFloats(layout)).isEqualTo(NewtonSchulz.floats(6, 24));
  }

  @Test
  void theMatrixWithMostWorkComesFirst() {
    Optimizer optimizer = optimizer("muon", VectorKernels.create());
    optimizer.begin(1, RATE, 1);
    List<Piece> updated = new ArrayList<>();
    optimizer.update(0, 0, initial(), ParameterStore.ofTrainable(layout), updated::add);

    assertThat(updated).extracting(Piece::parameter).containsOnly(up);
  }
}
