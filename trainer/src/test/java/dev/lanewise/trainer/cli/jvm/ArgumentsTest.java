package dev.lanewise.trainer.cli.jvm;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.util.List;
import org.junit.jupiter.api.Test;

class ArgumentsTest {
  private static final byte[] COMMAND_LINE =
      "java\0-jar\0x.jar\0--prompt\0café €\0\0".getBytes(UTF_8);

  private static String[] asDecoded(Charset locale) {
    return new String[] {"--prompt", new String("café €".getBytes(UTF_8), locale), ""};
  }

  @Test
  void theBytesAreUtf8WhateverTheLocaleMadeOfThem() throws Exception {
    for (Charset locale : List.of(US_ASCII, ISO_8859_1, UTF_8)) {
      assertThat(Arguments.decode(COMMAND_LINE, locale, asDecoded(locale)))
          .containsExactly("--prompt", "café €", "");
    }
  }

  @Test
  void otherArgumentsThanThoseOfTheCommandLineStay() throws Exception {
    String[] other = {"é", "from", "an", "argument", "file", "of", "the", "java", "command"};

    assertThat(Arguments.decode(COMMAND_LINE, UTF_8, "é")).containsExactly("é");
    assertThat(Arguments.decode(COMMAND_LINE, UTF_8, other)).isEqualTo(other);
  }

  @Test
  void whatIsNotUtf8IsAnError() {
    byte[] latin = "java\0caf\u00e9\0".getBytes(ISO_8859_1);

    assertThatThrownBy(() -> Arguments.decode(latin, ISO_8859_1, "caf\u00e9"))
        .isInstanceOf(CharacterCodingException.class);
    assertThatThrownBy(() -> Arguments.decode(latin, US_ASCII, "caf\ufffd"))
        .isInstanceOf(CharacterCodingException.class);
  }

  @Test
  void whatIsEscapedIsAscii() {
    assertThat(Arguments.escaped("a b", "é%+&=\n", ""))
        .containsExactly("a+b", "%C3%A9%25%2B%26%3D%0A", "");
  }
}
