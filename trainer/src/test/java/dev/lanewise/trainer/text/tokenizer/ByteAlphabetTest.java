package dev.lanewise.trainer.text.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ByteAlphabetTest {

  @Test
  void isGpt2s() {
    assertThat(ByteAlphabet.idOf((byte) '!')).isZero();
    assertThat(ByteAlphabet.idOf((byte) 'A')).isEqualTo(32);
    assertThat(ByteAlphabet.idOf((byte) 0)).isEqualTo(188);
    assertThat(ByteAlphabet.idOf((byte) '\n')).isEqualTo(198);
    assertThat(ByteAlphabet.idOf((byte) ' ')).isEqualTo(220);
    assertThat(ByteAlphabet.show(new byte[] {' ', '\n', 'a', (byte) 0xAD, (byte) 0xFF}))
        .isEqualTo("ĠĊaŃÿ");
  }

  @Test
  void isOneToOne() {
    Set<String> shown = new HashSet<>();
    for (int id = 0; id < ByteAlphabet.SIZE; id++) {
      byte b = ByteAlphabet.byteOf(id);
      assertThat(ByteAlphabet.idOf(b)).isEqualTo(id);
      shown.add(ByteAlphabet.show(new byte[] {b}));
    }
    assertThat(shown).hasSize(ByteAlphabet.SIZE);
  }
}
