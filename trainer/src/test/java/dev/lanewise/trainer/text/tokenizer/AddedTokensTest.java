package dev.lanewise.trainer.text.tokenizer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class AddedTokensTest {

  private static final AddedTokens TOKENS =
      new AddedTokens(
          List.of(
              AddedToken.special(0, "<a>"),
              AddedToken.special(1, "<a><b>"),
              new AddedToken(2, "<b>", false, false, false, false, false),
              new AddedToken(3, "<l>", false, true, false, false, false),
              new AddedToken(4, "<r>", false, false, true, false, false),
              new AddedToken(5, "one", false, false, false, false, true),
              new AddedToken(6, "   ", false, false, false, false, false),
              AddedToken.special(7, " <c>")),
          UnaryOperator.identity());

  @Test
  void theLongestNameCounts() throws IOException {
    assertThat(found("x<a><b><a>y", true)).isEqualTo("x[1][0]y");
  }

  @Test
  void noNameIsFoundInsideASpecialOneThatIsText() throws IOException {
    assertThat(found("<a><b> <b>", false)).isEqualTo("<a><b> [2]");
  }

  @Test
  void whiteSpaceIsUnicodes() throws IOException {
    assertThat(found("x \u00a0\u3000\n<l> y", true)).isEqualTo("x[3] y");
    assertThat(found("x <r>\u2003\u0085\t\u1680y", true)).isEqualTo("x [4]y");
    assertThat(found("x\u200b<l>", true)).isEqualTo("x\u200b[3]");
    assertThat(found("<r>  <l>", true)).isEqualTo("[4][3]");
  }

  @Test
  void aNameMayBeginInTheSpaceThatATokenTakes() throws IOException {
    assertThat(found("<r> <c>x", true)).isEqualTo("[4][7]x");
    assertThat(found("<r> <c>x", false)).isEqualTo("[4]<c>x");
    assertThat(found("<r>\u3000 <c> x<r>   x", true)).isEqualTo("[4][7] x[4][6]x");
    assertThat(found("<r>  x", true)).isEqualTo("[4]x");
    assertThat(found("<r> <a><b> <b>", false)).isEqualTo("[4]<a><b> [2]");
  }

  @Test
  void aSingleWordHasNoLetterBesideIt() throws IOException {
    assertThat(found("one", true)).isEqualTo("[5]");
    assertThat(found("one one,one-one", true)).isEqualTo("[5] [5],[5]-[5]");
    assertThat(found("ones none one_ 1one one2", true)).isEqualTo("ones none one_ 1one one2");
    assertThat(found("\u4e16one one\u00e9 one\u0301", true))
        .isEqualTo("\u4e16one one\u00e9 one\u0301");
    assertThat(found("\u2014one\u2014oneone\u2014", true)).isEqualTo("\u2014[5]\u2014oneone\u2014");
    assertThat(found("<b>one<a>one<r> one", true)).isEqualTo("[2][5][0][5][4][5]");
  }

  /** The text with the ids of tokens in brackets, the same in chunks of any size. */
  private static String found(String text, boolean special) throws IOException {
    String whole = found(text, special, 1000);
    for (int chunk = 1; chunk < 5; chunk++) {
      assertThat(found(text, special, chunk)).isEqualTo(whole);
    }
    return whole;
  }

  private static String found(String text, boolean special, int chunk) throws IOException {
    StringBuilder all = new StringBuilder();
    ByteArrayOutputStream pending = new ByteArrayOutputStream();
    TokenEncoder plain =
        new TokenEncoder() {
          @Override
          public void write(byte[] utf8, int offset, int length) {
            pending.write(utf8, offset, length);
          }

          @Override
          public void finish() {
            all.append(pending.toString(UTF_8));
            pending.reset();
          }
        };
    TokenEncoder encoder =
        TOKENS.encoder(special, plain, (ids, count) -> all.append('[').append(ids[0]).append(']'));
    byte[] utf8 = text.getBytes(UTF_8);
    for (int at = 0; at < utf8.length; at += chunk) {
      encoder.write(utf8, at, Math.min(chunk, utf8.length - at));
    }
    encoder.finish();
    return all.toString();
  }
}
