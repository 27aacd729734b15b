package dev.lanewise.trainer.text;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TextCleanerTest {

  private static final String[] PARTS = {
    "a", "é", "世", "😀", "\r", "\n", "\r\n", "\t", " ", "\u0000", "\u000b", "\u007f", "\u0085",
    "\u009f", "\u00a0", "\ufeff", "\u2028"
  };

  @Provide
  Arbitrary<String> texts() {
    return Arbitraries.of(PARTS).list().ofMaxSize(30).map(parts -> String.join("", parts));
  }

  @Property
  void cleansAsTheRulesSayWhereverChunksEnd(
      @ForAll("texts") String text, @ForAll @IntRange(min = 1, max = 8) int chunk)
      throws IOException {
    String expected =
        text.replaceFirst("^\ufeff", "")
            .replaceAll("\r\n|\r", "\n")
            .replaceAll("[\\x{0}-\\x{8}\\x{b}-\\x{1f}\\x{7f}-\\x{9f}]", "");
    assertThat(clean(text.getBytes(UTF_8), chunk)).isEqualTo(expected);
  }

  @Property(tries = 3000)
  void acceptsJustWhatJavaAccepts(
      @ForAll @Size(max = 6) byte[] bytes, @ForAll @IntRange(min = 1, max = 3) int chunk)
      throws IOException {
    boolean valid = true;
    try {
      UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
    } catch (CharacterCodingException e) {
      valid = false;
    }
    try {
      clean(bytes, chunk);
      assertThat(valid).isTrue();
    } catch (InvalidTextException e) {
      assertThat(valid).isFalse();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "4161FF62, 2", // no character begins with FF
    "61E9726C, 1", // Latin-1
    "61C3A9C3, 3", // cut
    "EDA080, 0", // a surrogate
    "61C080, 1", // overlong
    "61F4908080, 1", // beyond U+10FFFF
    "6180, 1"
  })
  void malformedInputNamesFileAndByte(String hex, int position) {
    byte[] bytes = java.util.HexFormat.of().parseHex(hex);
    for (int chunk : new int[] {1, 2, 100}) {
      assertThatThrownBy(() -> clean(bytes, chunk))
          .isInstanceOf(InvalidTextException.class)
          .hasMessageStartingWith("some file: not valid UTF-8 at byte " + position + ":");
    }
  }

  @Test
  void positionsCountFromTheBeginningOfTheFile() {
    byte[] bytes = ("x".repeat(200_000) + "?").getBytes(UTF_8);
    bytes[200_000] = (byte) 0x80;
    assertThatThrownBy(() -> clean(bytes, 4096)).hasMessageContaining("at byte 200000:");
  }

  @Test
  void filesAreJoinedWithALineFeedWhereOneIsMissing() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    TextJoiner joiner = new TextJoiner(out::write);
    for (String file : List.of("one", "\ufefftwo\n", "", "\ufeff", "three", "four")) {
      TextCleaner.copyDocument(
          "file", new java.io.ByteArrayInputStream(file.getBytes(UTF_8)), joiner);
    }
    assertThat(out.toString(UTF_8)).isEqualTo("one\ntwo\nthree\nfour");
  }

  private static String clean(byte[] bytes, int chunk) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    TextCleaner cleaner = new TextCleaner("some file", out::write);
    for (int at = 0; at < bytes.length; at += chunk) {
      cleaner.write(bytes, at, Math.min(chunk, bytes.length - at));
    }
    cleaner.finish();
    return out.toString(UTF_8);
  }
}
