package dev.lanewise.model.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.lanewise.model.layer.NgramTable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tables as settings and files write them. */
class NgramTablesTest {

  @Test
  void tablesAreReadAndWritten() {
    assertThat(NgramTables.parse("2:65536,3:7"))
        .containsExactly(new NgramTable(2, 65536), new NgramTable(3, 7));
    assertThat(NgramTables.parse(" 2 : 65536 , 8: 1 "))
        .containsExactly(new NgramTable(2, 65536), new NgramTable(8, 1));
    assertThat(NgramTables.format(NgramTables.parse(" 2 : 65536 , 8: 1 ")))
        .isEqualTo("2:65536,8:1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "\t\n"})
  void nothingIsNoTable(String text) {
    assertThat(NgramTables.parse(text)).isEmpty();
    assertThat(NgramTables.format(NgramTables.parse(text))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          2           | "2" is no table; write tokens:rows, such as 2:65536
          :5          | ":5" is no table; write tokens:rows
          2:          | "2:" is no table
          2:5,        | "" is no table
          ,2:5        | "" is no table
          2:5;3:5     | "2:5;3:5" is no table
          2:5:6       | "2:5:6" is no table
          two:5       | "two:5" is no table
          2:1e6       | "2:1e6" is no table
          2:65_536    | "2:65_536" is no table
          2:2147483648| "2:2147483648" is no table
          2:99999999999999999999 | is no table
          -2:5        | a table of -2 tokens together; from 2 to 8 are possible
          1:5         | a table of 1 tokens together
          9:5         | a table of 9 tokens together
          2:0         | a table of 0 rows
          2:-5        | a table of -5 rows
          3:5,2:5     | tables come in order of their tokens, one for each number
          2:5,2:6     | tables come in order of their tokens, one for each number
          """)
  void whatIsNoTableIsSaid(String text, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> NgramTables.parse(text))
        .withMessageContaining(message);
  }
}
