package dev.lanewise.trainer.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.trainer.fixture.SmallTrainer;
import dev.lanewise.trainer.fixture.Tokenizers;
import dev.lanewise.trainer.settings.ConfigKey;
import dev.lanewise.trainer.text.token.DocumentFile;
import dev.lanewise.trainer.text.token.DocumentFileWriter;
import dev.lanewise.trainer.text.token.DocumentSampler;
import dev.lanewise.trainer.text.token.EvaluationTokens;
import dev.lanewise.trainer.text.token.ValidationDocuments;
import java.io.IOException;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every target of documents that counts once, and no other figure for other workers. */
class DocumentEvaluationTest {

  private static final int CONTEXT = 13;

  @TempDir Path folder;
  private Path tokens;

  @BeforeEach
  void write() throws IOException {
    tokens = folder.resolve("validation.tokens");
    SplittableRandom random = new SplittableRandom(2);
    try (DocumentFileWriter writer =
        new DocumentFileWriter(tokens, Tokenizers.characters("abcdefghijklmnopqrstuvwxyz,. "))) {
      for (int i = 0; i < 90; i++) {
        int length = 2 + random.nextInt(CONTEXT);
        boolean[] counted = new boolean[length];
        for (int at = 1; at < length; at++) {
          counted[at] = random.nextInt(3) > 0;
        }
        counted[length - 1] = true;
        int[] ids = random.ints(length, 0, SmallTrainer.VOCABULARY).toArray();
        writer.add(ids, counted, 0, length);
      }
      writer.commit();
    }
  }

  @Test
  void isTheMeanOverAllThatCounts() throws IOException {
    double[] found = new double[4];
    for (int workers = 1; workers <= 4; workers++) {
      try (WorkerPool pool = new WorkerPool(workers);
          DocumentFile file = DocumentFile.open(tokens, bytes -> {})) {
        DocumentSampler sampler = new DocumentSampler(file, 1, CONTEXT, 1, 5);
        int windows = (int) sampler.windowsPerEpoch();
        SmallTrainer run =
            SmallTrainer.of(
                SmallTrainer.layer()
                    .with(ConfigKey.DROPOUT, 0.0)
                    .with(ConfigKey.LR, 0.0)
                    .with(ConfigKey.MIN_LR, 0.0)
                    .with(ConfigKey.BATCH, windows)
                    .with(ConfigKey.SHARDS, 3),
                pool);
        EvaluationTokens all = new ValidationDocuments(file, CONTEXT);
        found[workers - 1] = run.trainer().evaluator().evaluate(all, () -> false).orElseThrow();
        // A step of all windows at once has the same loss; other documents share windows there.
        run.trainer().step(0, new DocumentSampler(file, windows, CONTEXT, 1, 5).draw(0));
        assertThat(found[workers - 1]).isCloseTo(run.trainer().loss(), within(1e-6));
        assertThat(all.targets()).isEqualTo(run.trainer().counted()).isEqualTo(file.counted());
        Evaluator own =
            new Evaluator(run.transformer(), pool, run.weights(), run.trainer().panels(), all);
        assertThat(own.evaluate(all, () -> false)).hasValue(found[workers - 1]);
      }
    }
    assertThat(found).containsOnly(found[0]);
  }

  /** The same part for a seed, which has fewer targets; all of it where that is less. */
  @Test
  void aPartIsDrawn() throws IOException {
    try (DocumentFile file = DocumentFile.open(tokens, bytes -> {})) {
      EvaluationTokens all = new ValidationDocuments(file, CONTEXT);
      EvaluationTokens part = all.drawn(10L * CONTEXT, 3);
      assertThat(part.count()).isEqualTo(10);
      assertThat(part.targets()).isBetween(10L, 10L * CONTEXT).isLessThan(all.targets());
      assertThat(all.drawn(10L * CONTEXT, 3).targets()).isEqualTo(part.targets());
      assertThat(all.drawn(0, 3)).isSameAs(all);
      assertThat(all.drawn(1_000_000, 3)).isSameAs(all);
    }
  }
}
