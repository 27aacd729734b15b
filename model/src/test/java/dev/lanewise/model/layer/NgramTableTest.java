package dev.lanewise.model.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The rows of n-grams: the definition, the window's start, and the largest numbers there are. */
class NgramTableTest {

  private static final int[] IDS = {3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9};
  private static final BigInteger MULTIPLIER = new BigInteger("9E3779B97F4A7C15", 16);

  private static List<Integer> rows(NgramTable table, int vocabulary, int[] ids) {
    NgramTable.Lookup lookup = table.new Lookup(vocabulary);
    List<Integer> rows = new ArrayList<>();
    for (int at = 0; at < ids.length; at++) {
      rows.add(lookup.row(ids, at, at));
    }
    return rows;
  }

  /**
   * Made with Python from the definition. A change of them makes another model of every file of
   * tables that anyone has trained.
   */
  @Test
  void rowsAreGolden() {
    int[] nine = Arrays.copyOf(IDS, 9);
    assertThat(rows(new NgramTable(2, 4290), 65, nine))
        .as("exact")
        .containsExactly(4228, 196, 69, 261, 70, 334, 587, 136, 395);
    assertThat(rows(new NgramTable(2, 4289), 65, nine))
        .as("one row too few, so hashed")
        .containsExactly(3299, 51, 1659, 2446, 21, 1681, 2235, 2890, 2355);
    assertThat(rows(new NgramTable(3, 283_140), 65, nine))
        .as("exact")
        .containsExactly(283078, 279046, 12939, 4551, 17230, 4624, 22037, 38746, 8975);
    assertThat(rows(new NgramTable(3, 16384), 65, nine))
        .containsExactly(3059, 8513, 15811, 4784, 8900, 14971, 14002, 13564, 12558);
    assertThat(rows(new NgramTable(4, 65536), 65, nine))
        .containsExactly(57484, 11932, 40851, 36120, 31485, 11852, 51072, 17366, 43842);
    assertThat(
            rows(
                new NgramTable(8, Integer.MAX_VALUE),
                50257,
                new int[] {50256, 0, 50255, 49999, 12345, 50256, 50256, 50256}))
        .as("products of more than 64 bits")
        .containsExactly(
            1140925968,
            494779823,
            1049162501,
            1800650626,
            1278988305,
            1579117597,
            481374647,
            161503201);
  }

  /** The same in numbers without end. */
  @ParameterizedTest
  @CsvSource({
    "2, 4290, 65",
    "3, 16384, 65",
    "4, 65536, 65",
    "5, 2147483647, 2000",
    "8, 1, 3",
    "2, 100, 2147483647",
    "3, 283140, 65"
  })
  void rowsAreThoseOfTheDefinition(int tokens, int rows, int vocabulary) {
    NgramTable table = new NgramTable(tokens, rows);
    NgramTable.Lookup lookup = table.new Lookup(vocabulary);
    int[] ids = IDS.clone();
    ids[6] = vocabulary - 1;
    ids[7] = vocabulary - 1;
    for (int i = 0; i < ids.length; i++) {
      ids[i] = Math.min(ids[i], vocabulary - 1);
    }
    for (int at = 0; at < ids.length; at++) {
      for (int before = 0; before <= at; before++) {
        assertThat(lookup.row(ids, at, before))
            .as("at %d, %d before", at, before)
            .isEqualTo(define(tokens, rows, vocabulary, ids, at, before))
            .isBetween(0, table.rows(vocabulary) - 1);
      }
    }
  }

  private static int define(int tokens, int rows, int vocabulary, int[] ids, int at, int before) {
    BigInteger v = BigInteger.valueOf(vocabulary);
    BigInteger v1 = v.add(BigInteger.ONE);
    boolean exact = v.multiply(v1.pow(tokens - 1)).compareTo(BigInteger.valueOf(rows)) <= 0;
    BigInteger h = exact ? BigInteger.ZERO : BigInteger.valueOf(tokens);
    for (int back = tokens - 1; back >= 0; back--) {
      BigInteger id = back <= before ? BigInteger.valueOf(ids[at - back]) : v;
      if (exact) {
        h = h.multiply(back == 0 ? v : v1).add(id);
      } else {
        h = h.add(id).add(BigInteger.ONE).multiply(MULTIPLIER);
        h = h.mod(BigInteger.ONE.shiftLeft(64));
        h = h.xor(h.shiftRight(32));
      }
    }
    return exact
        ? h.intValueExact()
        : h.shiftRight(33).multiply(BigInteger.valueOf(rows)).shiftRight(31).intValueExact();
  }

  /** What lies in the array before the window has no part in it. */
  @ParameterizedTest
  @ValueSource(ints = {16384, 283_140})
  void beforeAWindowThereIsNothing(int rows) {
    NgramTable.Lookup lookup = new NgramTable(3, rows).new Lookup(65);
    for (int at = 0; at < 5; at++) {
      assertThat(lookup.row(IDS, 7 + at, at))
          .isEqualTo(lookup.row(Arrays.copyOfRange(IDS, 7, IDS.length), at, at));
    }
    assertThat(lookup.row(IDS, 9, 2)).isEqualTo(lookup.row(IDS, 9, 9));
    assertThat(lookup.row(IDS, 9, 1)).isNotEqualTo(lookup.row(IDS, 9, 2));
  }

  /** Each combination has a row of its own. */
  @Test
  void anExactTableHasARowForEachCombination() {
    int vocabulary = 5;
    NgramTable table = new NgramTable(3, 180);
    NgramTable.Lookup lookup = table.new Lookup(vocabulary);
    boolean[] seen = new boolean[table.rows(vocabulary)];
    for (int code = 0; code < 125; code++) {
      int[] ids = {code / 25, code / 5 % 5, code % 5};
      for (int before = 0; before < 3; before++) {
        seen[lookup.row(ids, 2, before)] = true;
      }
    }
    int count = 0;
    for (boolean each : seen) {
      count += each ? 1 : 0;
    }
    // 125 of three tokens, 25 of two, 5 of one. The rows left over are those of nothing after a
    // token, which does not occur.
    assertThat(count).isEqualTo(155);
    assertThat(seen).hasSize(180);
  }

  @ParameterizedTest
  @CsvSource({
    "2, 4290, 65, 4290, true",
    "2, 4289, 65, 4289, false",
    "2, 5000, 65, 4290, true",
    "3, 283140, 65, 283140, true",
    "3, 283139, 65, 283139, false",
    "2, 2147483647, 46340, 2147441940, true",
    "2, 2147483647, 46341, 2147483647, false",
    "8, 2147483647, 50257, 2147483647, false",
    "8, 2147483647, 14, 2147483647, false",
    "8, 2147483647, 13, 1370375552, true"
  })
  void thereAreNoMoreRowsThanCombinations(
      int tokens, int rows, int vocabulary, int expected, boolean exact) {
    NgramTable table = new NgramTable(tokens, rows);
    assertThat(table.rows(vocabulary)).isEqualTo(expected);
    assertThat(table.isExact(vocabulary)).isEqualTo(exact);
  }

  /** Few collisions beyond those of chance. */
  @Test
  void aHashSpreadsPairsOverTheRows() {
    int vocabulary = 256;
    int rows = 1 << 14;
    NgramTable.Lookup lookup = new NgramTable(2, rows).new Lookup(vocabulary);
    int[] counts = new int[rows];
    for (int pair = 0; pair < vocabulary * vocabulary; pair++) {
      counts[lookup.row(new int[] {pair / vocabulary, pair % vocabulary}, 1, 1)]++;
    }
    double squares = 0;
    for (int count : counts) {
      squares += (count - 4.0) * (count - 4.0);
    }
    // By chance the variance of the counts is their mean, 4.
    assertThat(squares / rows).isBetween(3.0, 5.0);
  }

  @Test
  void aTableIsNamedByItsTokens() {
    assertThat(new NgramTable(2, 10).parameter()).isEqualTo("ngrams.2.weight");
    assertThat(new NgramTable(8, 10).parameter()).isEqualTo("ngrams.8.weight");
  }

  @Test
  void wrongSizesAreNamed() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new NgramTable(1, 10))
        .withMessage("a table of 1 tokens together; from 2 to 8 are possible");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new NgramTable(9, 10))
        .withMessageContaining("9 tokens");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new NgramTable(2, 0))
        .withMessage("a table of 0 rows");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new NgramTable(2, -1))
        .withMessage("a table of -1 rows");
  }
}
