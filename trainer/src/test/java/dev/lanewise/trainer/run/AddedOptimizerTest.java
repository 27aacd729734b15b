package dev.lanewise.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.engine.tensor.ParameterLayout;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.kernels.KernelSet;
import dev.lanewise.model.memory.WeightPanels.Piece;
import dev.lanewise.trainer.fixture.RecordingListener;
import dev.lanewise.trainer.fixture.SmallRun;
import dev.lanewise.trainer.optim.LearningRateSchedule;
import dev.lanewise.trainer.optim.Optimizer;
import dev.lanewise.trainer.optim.OptimizerKind;
import dev.lanewise.trainer.optim.OptimizerState;
import dev.lanewise.trainer.optim.Optimizers;
import dev.lanewise.trainer.optim.ScheduleKind;
import dev.lanewise.trainer.optim.Schedules;
import dev.lanewise.trainer.settings.ConfigKey;
import dev.lanewise.trainer.settings.ScheduleSettings;
import dev.lanewise.trainer.settings.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An optimizer and a schedule that the program does not have, each added by a class and its
 * registration: a run with them trains, is killed, and resumes to the same bits.
 */
class AddedOptimizerTest {

  @TempDir private Path folder;

  /** Stochastic gradient descent with momentum (Polyak, 1964): one store instead of AdamW's two. */
  private static final class Momentum implements Optimizer {

    private final double decay;
    private final List<Piece> pieces;
    private final ParameterStore velocity;
    private float learningRate;
    private float gradientScale;

    Momentum(double decay, ParameterLayout layout, List<Piece> pieces) {
      this.decay = decay;
      this.pieces = pieces;
      this.velocity = ParameterStore.ofTrainable(layout);
    }

    @Override
    public List<OptimizerState> state() {
      return List.of(new OptimizerState("velocity", "velocity", velocity));
    }

    @Override
    public int tasks() {
      return pieces.size();
    }

    @Override
    public void begin(long t, double rate, double scale) {
      learningRate = (float) rate;
      gradientScale = (float) scale;
    }

    @Override
    public void update(
        int task,
        int worker,
        ParameterStore weights,
        ParameterStore gradients,
        Consumer<Piece> updated) {
      Piece piece = pieces.get(task);
      float[] v = velocity.data();
      for (int i = piece.offset(); i < piece.offset() + piece.size(); i++) {
        v[i] = Math.fma((float) decay, v[i], gradientScale * gradients.data()[i]);
        weights.data()[i] = Math.fma(-learningRate, v[i], weights.data()[i]);
      }
      updated.accept(piece);
    }
  }

  private static final class MomentumKind implements OptimizerKind {

    @Override
    public String id() {
      return "momentum";
    }

    @Override
    public long stateFloats(ParameterLayout layout) {
      return layout.trainableSize();
    }

    @Override
    public Optimizer create(
        Settings settings,
        ParameterLayout layout,
        List<Piece> pieces,
        KernelSet kernels,
        int workers) {
      return new Momentum(settings.optimizer().beta1(), layout, pieces);
    }
  }

  private static final class ConstantKind implements ScheduleKind {

    @Override
    public String id() {
      return "constant";
    }

    @Override
    public LearningRateSchedule create(ScheduleSettings settings, long steps) {
      return step -> settings.maxLearningRate();
    }
  }

  private TrainingRun.Options options(Path run, boolean resume) {
    SmallRun added =
        SmallRun.in(run)
            .with(ConfigKey.OPTIMIZER, "momentum")
            .with(ConfigKey.SCHEDULE, "constant")
            .with(ConfigKey.CHECKPOINT_EVERY, 2L);
    return (resume ? added.resumed() : added)
        .options(
            Optimizers.STANDARD.with(new MomentumKind()),
            Schedules.STANDARD.with(new ConstantKind()));
  }

  private static byte[] read(TrainingRun.Outcome outcome, Path run, String name)
      throws IOException {
    assertThat(outcome.completed()).isTrue();
    return Files.readAllBytes(run.resolve("checkpoints/step-000006").resolve(name));
  }

  @Test
  void trainsIsKilledAndResumesToTheSameBits() throws IOException {
    Path whole = folder.resolve("whole");
    RecordingListener losses = new RecordingListener();
    TrainingRun.Outcome expected = new TrainingRun(options(whole, false), losses).run();

    Path killed = folder.resolve("killed");
    assertThatThrownBy(
            () ->
                new TrainingRun(
                        options(killed, false),
                        RecordingListener.afterStep(
                            step -> {
                              if (step == 4) {
                                throw new IllegalStateException("killed");
                              }
                            }))
                    .run())
        .hasMessage("killed");
    TrainingRun.Outcome resumed =
        new TrainingRun(options(killed, true), new RecordingListener()).run();

    for (String name : List.of("model.safetensors", "optimizer.state")) {
      assertThat(read(resumed, killed, name)).as(name).isEqualTo(read(expected, whole, name));
    }
  }

  @Test
  void itIsAnotherOptimizer() throws IOException {
    Path adam = folder.resolve("adam");
    Path momentum = folder.resolve("momentum");
    TrainingRun.Outcome usual = SmallRun.in(adam).train(new RecordingListener());
    TrainingRun.Outcome added =
        new TrainingRun(options(momentum, false), new RecordingListener()).run();
    assertThat(read(added, momentum, "model.safetensors"))
        .isNotEqualTo(read(usual, adam, "model.safetensors"));
    long one = Files.size(momentum.resolve("checkpoints/step-000006/optimizer.state"));
    long two = Files.size(adam.resolve("checkpoints/step-000006/optimizer.state"));
    assertThat(one).isLessThan(two * 6 / 10);
  }

  @Test
  void aNameThatIsNotRegisteredIsRefused() {
    SmallRun run = SmallRun.in(folder.resolve("run")).with(ConfigKey.OPTIMIZER, "momentum");
    assertThatThrownBy(() -> run.train(new RecordingListener()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("momentum", "adamw");
  }
}
