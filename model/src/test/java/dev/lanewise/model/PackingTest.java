package dev.lanewise.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lanewise.engine.parallel.Team;
import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.engine.tensor.MemoryPlan.Use;
import dev.lanewise.kernels.KernelSet;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.scalar.ScalarKernels;
import dev.lanewise.kernels.vector.VectorKernels;
import dev.lanewise.model.family.Families;
import dev.lanewise.model.memory.Adaptation;
import dev.lanewise.model.memory.Batch;
import dev.lanewise.model.memory.Pass;
import dev.lanewise.model.memory.RowGradients;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Documents that share the rows of a pass have the bits that each has by itself. */
class PackingTest {

  private static final KernelSet VECTOR = VectorKernels.create();
  private static final int SEQUENCES = 3;
  private static final float SCALE = 0.01f;

  static Stream<TransformerConfig> examples() {
    return Families.STANDARD.all().stream()
        .flatMap(family -> family.examples(0.2f).stream())
        .distinct();
  }

  /** Documents of a pass: their ids, and targets of which the last of each does not count. */
  private static final class Documents {

    private final int[] lengths;
    private final int[] ids;
    private final int[] targets;

    /** Fills the pass; the longest fills the context. */
    Documents(TestModel model) {
      int time = model.transformer.time();
      this.lengths = new int[] {time - 2, 1, time, 2, time - 1};
      this.ids = model.randomWindows(SEQUENCES, time);
      this.targets = Arrays.copyOfRange(ids, 1, ids.length);
      for (int document = 1; document <= lengths.length; document++) {
        targets[firstRow(document) - 1] = Batch.UNCOUNTED;
      }
    }

    int firstRow(int document) {
      return Arrays.stream(lengths, 0, document).sum();
    }

    int rows() {
      return firstRow(lengths.length);
    }

    /** Takes some of them; each has the dropout of its rows among all. */
    void take(Pass pass, int from, int documents) {
      pass.batch().takeDocuments(ids, targets, firstRow(from), lengths, from, documents);
      pass.withDropout(5, 2, firstRow(from));
    }
  }

  @ParameterizedTest
  @MethodSource("examples")
  void logitsAreThoseOfEachDocumentAlone(TransformerConfig config) {
    for (KernelSet kernels : new KernelSet[] {VECTOR, ScalarKernels.create()}) {
      TestModel model = new TestModel(config, kernels, SEQUENCES);
      Documents documents = new Documents(model);
      int vocabulary = config.vocabularySize();
      documents.take(model.pass, 0, documents.lengths.length);
      model.pass.withoutDropout();
      float[] packed = new float[documents.rows() * vocabulary];
      model.transformer.logits(model.pass, packed);

      for (int document = 0; document < documents.lengths.length; document++) {
        int from = documents.firstRow(document);
        int length = documents.lengths[document];
        model.pass.batch().takeRows(documents.ids, documents.ids, from, 1, length);
        float[] alone = new float[length * vocabulary];
        model.transformer.logits(model.pass, alone);
        assertThat(Arrays.copyOfRange(packed, from * vocabulary, from * vocabulary + alone.length))
            .as("document %d", document)
            .isEqualTo(alone);
      }
    }
  }

  /**
   * One pass over all, or a pass for each. With a tied head the embedding's gradients come between
   * those of the head, and the gain of a norm of heads sums head by head within a pass, so there
   * the order shows.
   */
  @ParameterizedTest
  @MethodSource("examples")
  void lossesAndGradientsAreThoseOfEachDocumentAlone(TransformerConfig config) {
    TestModel model = new TestModel(config, VECTOR, SEQUENCES);
    int documents = new Documents(model).lengths.length;
    Outcome packed = outcome(model, Use.TRAINING, 1, documents);
    Outcome apart = outcome(model, Use.TRAINING, 1, 1);

    assertThat(apart.losses).isEqualTo(packed.losses);
    assertThat(packed.losses).contains(0f);
    if (config.tiedHead() || config.block().attention().headNorm() > 0) {
      for (int i = 0; i < packed.gradients.length; i++) {
        assertThat(apart.gradients[i]).isCloseTo(packed.gradients[i], within(1e-6f));
      }
    } else {
      apart.assertSameAs(packed);
    }
  }

  @ParameterizedTest
  @MethodSource("examples")
  @Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void whoComputesAndWhatIsKeptDoesNotShow(TransformerConfig config) {
    TestModel model = new TestModel(config, VECTOR, SEQUENCES);
    int time = config.contextLength();
    TestModel again =
        new TestModel(
            new Transformer(config, VECTOR, SEQUENCES, time, name -> true, Adaptation.NONE, 0));
    TestModel scalar = new TestModel(config, ScalarKernels.create(), SEQUENCES);
    int documents = new Documents(model).lengths.length;
    Outcome alone = outcome(model, Use.TRAINING, 1, documents);

    for (int members = 1; members <= 3; members++) {
      for (Use use : new Use[] {Use.TRAINING, Use.RECOMPUTING}) {
        outcome(model, use, members, documents).assertSameAs(alone);
        outcome(again, use, members, documents).assertSameAs(alone);
      }
    }
    outcome(scalar, Use.TRAINING, 2, documents).assertSameAs(alone);
  }

  /** Losses and gradients of all documents, so many to a pass, in memory that held NaN before. */
  private static Outcome outcome(TestModel model, Use use, int members, int perPass) {
    Documents documents = new Documents(model);
    int count = documents.lengths.length;
    float[] losses = new float[documents.rows()];
    double[] sums = new double[members];
    RowGradients rows = new RowGradients(model.transformer.rowTables(), documents.rows());
    rows.touchDocuments(documents.ids, 0, documents.lengths, 0, count);
    Arrays.fill(model.gradients.data(), Float.NaN);
    try (WorkerPool pool = new WorkerPool(members)) {
      Pass[] passes = model.transformer.newPasses(use, new Team(pool, members));
      Matrix any = passes[0].view(model.transformer.results().getFirst());
      Arrays.fill(any.data(), Float.NaN);
      pool.run(
          members,
          (member, worker) -> {
            Pass own = passes[member];
            own.bind(model.weights, model.panels, model.gradients);
            for (int from = 0; from < count; from += perPass) {
              documents.take(own, from, perPass);
              own.bindRows(rows, documents.firstRow(from));
              model.transformer.lossAndGradients(own, SCALE);
              for (int row = 0; row < own.rows(); row++) {
                sums[member] += own.losses()[row];
                if (member == 0) {
                  losses[documents.firstRow(from) + row] = own.losses()[row];
                }
              }
              own.barrier();
            }
          });
    }
    return new Outcome(sums, losses, withRows(model, rows));
  }

  private static float[] withRows(TestModel model, RowGradients rows) {
    float[] gradients = model.gradients.data().clone();
    for (int table = 0; table < model.transformer.rowTables().size(); table++) {
      Matrix matrix = rows.gradients(table);
      int from = gradients.length;
      int floats = rows.count(table) * matrix.columns();
      gradients = Arrays.copyOf(gradients, from + floats);
      System.arraycopy(matrix.data(), matrix.offset(0), gradients, from, floats);
    }
    return gradients;
  }

  /** Longer than what attention works on at once. */
  @Test
  @Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void alsoWithALongContext() {
    TransformerConfig config = TestModel.gpt2(67, 210, 24, 2, 2, 40, true, false, 0.1f);
    lossesAndGradientsAreThoseOfEachDocumentAlone(config);
    whoComputesAndWhatIsKeptDoesNotShow(config);
  }

  /** A dozen short documents before two long ones: by their number one member would do most. */
  @Test
  void attentionCostsWhatDocumentsCostAndMembersShareIt(@TempDir Path folder) throws IOException {
    TestModel model = new TestModel(TestModel.config(true, true, 0), VECTOR, SEQUENCES);
    int[] lengths = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 13, 13};
    int[] ids = model.randomWindows(SEQUENCES, 13);
    Path file = folder.resolve("layers.jfr");
    try (Recording recording = new Recording();
        WorkerPool pool = new WorkerPool(2)) {
      Pass[] passes = model.transformer.newPasses(Use.TRAINING, new Team(pool, 2));
      recording.enable("lanewise.Layer").withoutThreshold();
      recording.start();
      pool.run(
          2,
          (member, worker) -> {
            passes[member].bind(model.weights, model.panels, null);
            passes[member].batch().takeDocuments(ids, ids, 0, lengths, 0, lengths.length);
            model.transformer.loss(passes[member]);
          });
      recording.stop();
      recording.dump(file);
    }
    List<Long> flops =
        RecordingFile.readAllEvents(file).stream()
            .filter(event -> event.getString("layer").equals("layers.0.attention.core"))
            .map(event -> event.getLong("flops"))
            .toList();
    int heads = 3;
    long perPair = 2 * 2 * 12;
    long pairs = IntStream.of(lengths).mapToLong(length -> length * (length + 1L) / 2).sum();
    assertThat(flops).hasSize(2);
    assertThat(flops.get(0) + flops.get(1)).isEqualTo(perPair * heads * pairs);
    assertThat(Math.abs(flops.get(0) - flops.get(1))).isLessThanOrEqualTo(perPair * 91);
  }
}
