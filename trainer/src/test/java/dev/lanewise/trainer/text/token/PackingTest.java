package dev.lanewise.trainer.text.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class PackingTest {

  private static final int CONTEXT = 40;

  @Property
  void eachDocumentIsInOneWindowAndNoneIsOverfull(
      @ForAll @Size(min = 1, max = 200) List<@IntRange(min = 1, max = CONTEXT) Integer> lengths,
      @ForAll long seed) {
    int[] rows = lengths.stream().mapToInt(Integer::intValue).toArray();
    Packing packing = Packing.of(rows, CONTEXT, seed);

    int[] seen = new int[rows.length];
    List<Integer> fill = new ArrayList<>();
    for (List<Integer> window : windows(packing)) {
      window.forEach(document -> seen[document]++);
      fill.add(window.stream().mapToInt(document -> rows[document]).sum());
    }
    assertThat(seen).containsOnly(1);
    assertThat(fill).allMatch(sum -> sum > 0 && sum <= CONTEXT);
    // Two that fit into one window would have been in one.
    fill.sort(null);
    if (fill.size() > 1) {
      assertThat(fill.get(0) + fill.get(1)).isGreaterThan(CONTEXT);
    }
    assertThat(windows(Packing.of(rows, CONTEXT, seed))).isEqualTo(windows(packing));
  }

  private static List<List<Integer>> windows(Packing packing) {
    List<List<Integer>> windows = new ArrayList<>();
    for (int window = 0; window < packing.windows(); window++) {
      List<Integer> documents = new ArrayList<>();
      for (int i = 0; i < packing.documents(window); i++) {
        documents.add(packing.document(window, i));
      }
      windows.add(documents);
    }
    return windows;
  }

  /** Of lengths as chats have them nearly nothing of a window is left. */
  @Test
  void windowsAreFull() {
    Random random = new Random(5);
    int[] rows = random.ints(20_000, 5, 400).toArray();
    double least = Arrays.stream(rows).sum() / 512.0;
    assertThat(Packing.of(rows, 512, 1).windows()).isBetween((int) least, (int) (least * 1.002));
  }

  @Test
  void documentsOfOneLengthAreDrawnBySeed() {
    int[] rows = new int[100];
    Arrays.fill(rows, 10);
    List<List<Integer>> one = windows(Packing.of(rows, CONTEXT, 1));
    assertThat(one).hasSize(25).isNotEqualTo(windows(Packing.of(rows, CONTEXT, 2)));
    assertThat(one.getFirst()).isNotEqualTo(List.of(0, 1, 2, 3));
  }

  @Test
  void whatFitsIntoNoWindowIsRefused() {
    assertThatThrownBy(() -> Packing.of(new int[] {3, 41}, CONTEXT, 1))
        .hasMessage("a document of 41 rows; a window has 40");
    assertThatThrownBy(() -> Packing.of(new int[] {0}, CONTEXT, 1))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
