package dev.lanewise.model.io;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonMistakeTest {

  private static void requireProblem(String text, String message) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(() -> StrictJson.parse(Path.of("a.json"), bytes))
        .isInstanceOf(InvalidFileException.class)
        .message()
        .startsWith("a.json: ")
        .contains(message)
        .doesNotContain("was expecting", "Stream", "Read", "Source", "code ", "CTRL", "Unexpected")
        .doesNotContain("FIELD", "VALUE", "START", "END", "token", "`");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{\"a\": tru} | at column 7: tru is not a value of JSON",
        "{\"a\": word} | text has to stand in double quotes",
        "{\"a\": 'b'} | at column 7: ' is not expected here",
        "{\"a\": NaN} | NaN is not a number of JSON",
        "{\"a\": -INF} | is not a number of JSON",
        "{\"a\": 1 | it ends too early",
        "{\"a\": \"b | it ends too early",
        "{\"a\": 1,} | } where a name in double quotes has to be",
        "{\"a\": 1 \"b\": 2} | where a comma or the end has to be",
        "{\"a\" 1} | 1 where a colon has to be",
        "{\"a\": 1] | ] closes what was not opened",
        "{\"a\": 1, \"a\": 2} | duplicate name \"a\"",
        "{\"a\": \"\\q\"} | \\q in a string means nothing",
        "{\"a\": \"\\u12\"} | not valid JSON",
        "{\"a\": 007} | a number with zeros before it",
        "{\"a\": .5} | not valid JSON",
        "{\"a\": 1e} | not valid JSON",
        "{\"a\": 1.} | not valid JSON",
        "{\"a\": +1} | not valid JSON",
        "// a | not valid JSON",
        "{\"a\": 1} x | not valid JSON",
        "[1] | expected an object, found a list",
        "\"a\" | expected an object, found a string",
        "12 | expected an object, found a number",
        "null | expected an object, found null",
        "{\"a\": [1]} | a list is not expected here",
      })
  void wordsAreNotThoseOfTheParser(String text, String message) {
    requireProblem(text, message);
  }

  /** It may be too large or too small. */
  @Test
  void aNumberOutOfRangeIsCalledThat(@TempDir Path folder) throws IOException {
    for (String number : List.of("99999999999", "-99999999999")) {
      Path file = Files.writeString(folder.resolve("a.json"), number);
      try (StrictJson json = StrictJson.open(file, 100)) {
        assertThatThrownBy(() -> json.nextId("a", 10)).hasMessageEndingWith("is out of range");
      }
    }
    for (String number : List.of("1e999", "-1e999")) {
      byte[] bytes = "{\"a\": %s}".formatted(number).getBytes(StandardCharsets.UTF_8);
      assertThatThrownBy(() -> StrictJson.parse(Path.of("a.json"), bytes).number("a"))
          .hasMessageEndingWith("is out of range for a 64-bit number");
    }
  }

  @Test
  void saysTheLine() {
    requireProblem("{\n  \"a\": 1,\n  \"b\": x\n}", "at line 3, column 8: x is not a value");
  }

  @Test
  void whatIsTooLargeHasItsBound() {
    requireProblem("{\"a\":".repeat(50), "nested more than 32 deep");
    requireProblem("{\"a\": " + "1".repeat(1000) + "}", "a number of more than 64 digits");
    requireProblem("{\"" + "a".repeat(10_000) + "\": 1}", "a name of more than 4096 characters");
    requireProblem("{\"a\": \"x\ny\"}", "a control character in a string");
    requireProblem("{\"a\": \0}", "not valid JSON");
    requireProblem("{\"a\": " + "z".repeat(5000) + "}", "zzz...");
  }
}
