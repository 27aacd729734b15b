package dev.lanewise.trainer.run.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lanewise.trainer.run.metrics.StepColumns.Column;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StepColumnsTest {

  private static final int LEAST = StepColumns.LEAST_COLUMNS;

  @Test
  void aShortRunKeepsEveryStep() {
    StepColumns columns = new StepColumns();
    columns.add(0, 3);
    columns.add(7, -1);

    assertThat(columns.columns())
        .containsExactly(new Column(0, 3, 3, 3, 0, 1), new Column(7, -1, -1, -1, 7, 1));
  }

  @ParameterizedTest
  @ValueSource(ints = {2 * LEAST, 2 * LEAST + 1, 12_345, 100_000})
  void eachColumnIsTheLeastTheMostAndTheMeanOfItsSteps(int steps) {
    StepColumns columns = new StepColumns();
    double[] values = new SplittableRandom(steps).doubles(steps, -5, 5).toArray();
    for (int step = 0; step < steps; step++) {
      columns.add(step, values[step]);
    }

    List<Column> found = columns.columns();
    assertThat(found).hasSizeBetween(LEAST, 2 * LEAST);
    int first = 0;
    for (Column column : found) {
      int end = first + (int) column.count();
      double[] its = Arrays.copyOfRange(values, first, end);
      assertThat(column.step()).isCloseTo((first + end - 1) / 2.0, within(1e-6));
      assertThat(column.least())
          .isEqualTo(IntStream.range(first, end).mapToDouble(i -> values[i]).min().orElseThrow());
      assertThat(column.most()).isEqualTo(values[(int) column.mostAt()]);
      assertThat(column.mostAt()).isBetween((long) first, end - 1L);
      assertThat(column.most()).isEqualTo(Arrays.stream(its).max().orElseThrow());
      assertThat(column.mean()).isCloseTo(Arrays.stream(its).average().orElseThrow(), within(1e-9));
      first = end;
    }
    assertThat(first).as("no step is lost").isEqualTo(steps);
  }

  @Test
  void whatIsNoNumberOrTooLargeToBeSummedIsLeftOut() {
    StepColumns columns = new StepColumns();
    for (double value :
        new double[] {Double.NaN, Double.POSITIVE_INFINITY, -1e301, Double.MAX_VALUE}) {
      columns.add(1, value);
    }
    assertThat(columns.columns()).isEmpty();
    for (int step = 0; step < 100_000; step++) {
      columns.add(step, step % 2 == 0 ? 1e300 : -1e300);
    }
    assertThat(columns.columns())
        .allSatisfy(column -> assertThat(column.mean()).isBetween(-1e300, 1e300));
  }

  @Test
  void stepsFarApartStayApart() {
    StepColumns columns = new StepColumns();
    columns.add(0, 1);
    columns.add(1, 2);
    columns.add(Integer.MAX_VALUE, 3);

    assertThat(columns.columns())
        .containsExactly(
            new Column(0.5, 1.5, 1, 2, 1, 2),
            new Column(Integer.MAX_VALUE, 3, 3, 3, Integer.MAX_VALUE, 1));
  }
}
