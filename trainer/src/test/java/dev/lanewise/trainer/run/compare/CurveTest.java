package dev.lanewise.trainer.run.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lanewise.trainer.run.metrics.StepColumns.Column;
import dev.lanewise.trainer.settings.ConfigKey;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CurveTest {
  @TempDir private Path folder;

  private static Column value(long step, double value) {
    return new Column((double) step, value, value, value, step, 1);
  }

  @Test
  void betweenPointsItGoesStraight() {
    Curve curve = Curve.of(List.of(value(10, 1), value(20, 3), value(40, 4)));

    assertThat(curve.applyAsDouble(0)).isEqualTo(1);
    assertThat(curve.applyAsDouble(15)).isEqualTo(2);
    assertThat(curve.applyAsDouble(20)).isEqualTo(3);
    assertThat(curve.applyAsDouble(30)).isEqualTo(3.5);
    assertThat(curve.applyAsDouble(50)).isEqualTo(4);
  }

  @Test
  void theMeanGoesAsFarAsAllHaveCome() {
    List<Column> mean =
        Curve.mean(
            List.of(
                List.of(value(10, 1), value(20, 3), value(30, 5)),
                List.of(value(10, 3), value(20, 7)),
                List.of()));

    assertThat(mean)
        .containsExactly(new Column(10, 2, 1, 3, 10, 2), new Column(20, 5, 3, 7, 20, 2));
  }

  @Test
  void manyPointsBecomeFewWithTheSameMean() {
    List<Column> many = LongStream.range(0, 799).mapToObj(i -> value(i, i % 7)).toList();
    List<Column> few = Curve.mean(List.of(many));

    assertThat(few).hasSizeBetween(Curve.MOST_POINTS / 2, Curve.MOST_POINTS);
    assertThat(few.stream().mapToLong(Column::count).sum()).isEqualTo(799);
    assertThat(few.stream().mapToDouble(c -> c.count() * c.mean()).sum())
        .isCloseTo(many.stream().mapToDouble(Column::mean).sum(), within(1e-6));
    assertThat(few.getFirst().step()).isEqualTo((few.getFirst().count() - 1) / 2.0);
    assertThat(few.getFirst().most()).isEqualTo(3);
  }

  /** Also where a column stands for many steps: of 10 milliseconds each. */
  @Test
  void secondsAreTheStepsBefore() throws IOException {
    for (long steps : new long[] {100, 5000}) {
      Path run = folder.resolve("run" + steps);
      WrittenRun written =
          new WrittenRun(run, WrittenRun.in(run).layer().with(ConfigKey.STEPS, steps), steps);
      Comparison comparison = Comparison.of(List.of(written.write(2)), warning -> {});
      RunGroup group = comparison.groups().getFirst();

      for (double step : new double[] {0, 1, 37, steps / 2.0, steps}) {
        assertThat(group.secondsBefore().applyAsDouble(step))
            .as("before step %s of %d", step, steps)
            .isCloseTo(step * WrittenRun.MILLISECONDS / 1e3, within(0.06));
      }
      assertThat(group.secondsBefore().applyAsDouble(steps))
          .isCloseTo(steps * WrittenRun.MILLISECONDS / 1e3, within(1e-9));
      assertThat(group.tokensBefore().applyAsDouble(3)).isEqualTo(3 * 2 * 16);
    }
  }
}
