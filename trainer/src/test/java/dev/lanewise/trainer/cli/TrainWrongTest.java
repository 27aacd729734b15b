package dev.lanewise.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.trainer.fixture.SmallModel;
import dev.lanewise.trainer.fixture.Texts;
import dev.lanewise.trainer.run.checkpoint.CheckpointCatalog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Training that goes wrong: learning rate times weight decay sends the weights to infinity. */
class TrainWrongTest {

  @TempDir private Path folder;
  private Path text;
  private Path run;

  @BeforeEach
  void writeText() throws IOException {
    text = Files.writeString(folder.resolve("text.txt"), Texts.LINES);
    run = folder.resolve("run");
  }

  private CommandRun train(String... more) {
    List<String> options = new ArrayList<>(List.of("--steps=40", "--warmup=8", "--lr=1e10"));
    options.addAll(List.of("--weight-decay=0.1", "--checkpoint-every=1", "--evaluate-every=40"));
    options.addAll(List.of(more));
    return CommandRun.train(text, run, options.toArray(String[]::new));
  }

  @Test
  void stopNamesStepAndTensorAndKeepsTheCheckpoint() throws IOException {
    CommandRun stopped = train();
    assertThat(stopped.exitCode()).isEqualTo(1);
    assertThat(stopped.err())
        .containsPattern(
            "step \\d+: the first tensor that is not finite is the (output|gradient|w)")
        .contains("--on-non-finite=skip", "--out", "--lr", "--warmup", "--clip")
        .doesNotContain("\tat ", "bug");
    long steps = Files.readString(run.resolve("metrics.jsonl")).lines().count();
    assertThat(run.resolve("checkpoints/step-%06d".formatted(steps)))
        .as("the state before the bad step")
        .isDirectory();
    assertThat(stopped.err()).contains("step " + steps + ": ");
    requireThatTheNewestLoads(steps);
  }

  private void requireThatTheNewestLoads(long step) throws IOException {
    CheckpointCatalog.Search search = new CheckpointCatalog(run).newest();
    assertThat(search.damaged()).isEmpty();
    assertThat(search.found().state().step()).isEqualTo(step);
    SmallModel.read(search.found());
  }

  @Test
  void skipCountsAndStopsAfterTenInARow() throws IOException {
    CommandRun skipping = train("--on-non-finite=skip");
    assertThat(skipping.exitCode()).isEqualTo(1);
    String metrics = Files.readString(run.resolve("metrics.jsonl"));
    long skipped = metrics.lines().filter(line -> line.contains("\"skipped\"")).count();
    assertThat(skipped).isEqualTo(10);
    assertThat(skipping.err().lines().filter(line -> line.contains("was skipped"))).hasSize(10);
    assertThat(metrics.lines().toList().getLast()).contains("\"reason\":\"step ");
    requireThatTheNewestLoads(metrics.lines().count() - skipped);
  }
}
