package dev.lanewise.trainer.text.token;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.trainer.fixture.Tokenizers;
import dev.lanewise.trainer.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** A document is known by its ids: its number in eight digits of two, then as many as it has. */
class DocumentSamplerTest {

  private static final Tokenizer TOKENIZER = Tokenizers.characters("0123456789abcdef");
  private static final int CONTEXT = 30;
  private static final int HEAD = 8;

  @Property(tries = 40)
  void anEpochHasEachDocumentOnce(
      @ForAll @Size(min = 1, max = 60) List<@IntRange(min = HEAD, max = CONTEXT) Integer> lengths,
      @ForAll @IntRange(min = 1, max = 4) int batch,
      @ForAll @IntRange(min = 1, max = 3) int microBatches,
      @ForAll long seed)
      throws IOException {
    Path folder = Files.createTempDirectory("documents");
    Path tokens = folder.resolve("training.tokens");
    try (DocumentFile file = write(tokens, lengths)) {
      DocumentSampler sampler = new DocumentSampler(file, batch, CONTEXT, microBatches, seed);
      int windows = (int) sampler.windowsPerEpoch();
      int perStep = batch * microBatches;
      List<List<Integer>> drawn = new ArrayList<>();
      long steps = Math.ceilDiv(3 * windows, perStep);
      for (long step = 0; step < steps; step++) {
        drawn.addAll(documents((PackedStep) sampler.draw(step), lengths));
      }
      for (int epoch = 0; epoch < 3; epoch++) {
        int[] seen = new int[lengths.size()];
        for (List<Integer> window : drawn.subList(epoch * windows, (epoch + 1) * windows)) {
          window.forEach(document -> seen[document]++);
        }
        assertThat(seen).containsOnly(1);
      }
      // Any step is found by itself, by another sampler too.
      long last = steps - 1;
      PackedStep again =
          (PackedStep) new DocumentSampler(file, batch, CONTEXT, microBatches, seed).draw(last);
      assertThat(documents(again, lengths))
          .isEqualTo(drawn.subList((int) last * perStep, (int) steps * perStep));
    } finally {
      Files.delete(DocumentFile.beside(tokens));
      Files.delete(tokens);
      Files.delete(folder);
    }
  }

  private static DocumentFile write(Path tokens, List<Integer> lengths) throws IOException {
    try (DocumentFileWriter writer = new DocumentFileWriter(tokens, TOKENIZER)) {
      for (int number = 0; number < lengths.size(); number++) {
        int[] ids = new int[lengths.get(number) + 1];
        boolean[] counted = new boolean[ids.length];
        for (int i = 0; i < ids.length; i++) {
          ids[i] = i < HEAD ? number >> i & 1 : 2 + i % 14;
          counted[i] = i > 0 && (i % 3 == 0 || i == ids.length - 1);
        }
        writer.add(ids, counted, 0, ids.length);
      }
      writer.commit();
    }
    return DocumentFile.open(tokens, bytes -> {});
  }

  /** The numbers of each window's documents, all of whose rows are as they were written. */
  private static List<List<Integer>> documents(PackedStep step, List<Integer> lengths) {
    List<List<Integer>> windows = new ArrayList<>();
    Map<Long, Long> sums = new HashMap<>();
    for (PackedWindows micro : step.packed()) {
      for (int window = 0; window < micro.windows(); window++) {
        int[] ids = micro.rows(window, false);
        int[] targets = micro.rows(window, true);
        assertThat(ids.length).isBetween(1, CONTEXT);
        List<Integer> documents = new ArrayList<>();
        int at = 0;
        for (int length : micro.documents(window)) {
          int number = 0;
          for (int i = 0; i < HEAD; i++) {
            number |= ids[at + i] << i;
          }
          assertThat(length).isEqualTo(lengths.get(number));
          for (int i = 0; i < length; i++) {
            int next = i + 1;
            int id = next < HEAD ? number >> next & 1 : 2 + next % 14;
            boolean counts = next % 3 == 0 || next == length;
            assertThat(targets[at + i]).isEqualTo(counts ? id : -100);
            sums.merge(0L, counts ? 1L : 0L, Long::sum);
            sums.merge(1L, i + 1L, Long::sum);
          }
          documents.add(number);
          at += length;
        }
        assertThat(at).isEqualTo(ids.length);
        windows.add(documents);
      }
    }
    assertThat(step.counted()).isEqualTo(sums.get(0L));
    assertThat(step.pairs()).isEqualTo(sums.get(1L));
    assertThat(step.rows())
        .isEqualTo(
            step.packed().stream()
                .flatMapToInt(
                    micro ->
                        IntStream.range(0, micro.windows())
                            .map(w -> Arrays.stream(micro.documents(w)).sum()))
                .sum());
    return windows;
  }
}
