package dev.lanewise.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Philox4x32-10 against the known answers that its authors publish with Random123. */
class PhiloxTest {

  @ParameterizedTest
  @CsvSource({
    "00000000 00000000 00000000 00000000, 00000000 00000000, 6627e8d5 e169c58d bc57ac4c 9b00dbd8",
    "ffffffff ffffffff ffffffff ffffffff, ffffffff ffffffff, 408f276d 41c83b0e a20bc7c6 6d5451fd",
    "243f6a88 85a308d3 13198a2e 03707344, a4093822 299f31d0, d16cfe09 94fdcceb 5001e420 24126ea1"
  })
  void knownAnswers(String counter, String key, String answer) {
    int[] c = words(counter);
    int[] k = words(key);
    long wholeKey = (k[0] & 0xFFFFFFFFL) | ((long) k[1] << 32);
    long block = (c[0] & 0xFFFFFFFFL) | ((long) c[1] << 32);
    int[] expected = words(answer);
    int[] actual = new int[4];
    Philox.block(wholeKey, block, c[2], c[3], actual);
    assertThat(actual).containsExactly(expected);
    for (int word = 0; word < 4; word++) {
      assertThat(Philox.word(wholeKey, block, c[2], c[3], word)).isEqualTo(expected[word]);
    }
  }

  private static int[] words(String hexadecimal) {
    String[] parts = hexadecimal.split(" ", -1);
    int[] words = new int[parts.length];
    for (int i = 0; i < words.length; i++) {
      words[i] = Integer.parseUnsignedInt(parts[i], 16);
    }
    return words;
  }

  @Test
  void elementsAreTheWordsOfRunsOfBlocks() {
    for (long group : new long[] {0, 1, 1L << 40}) {
      for (int i = 0; i < 128; i++) {
        assertThat(Philox.element(7, 1, 2, group * 128 + i))
            .isEqualTo(Philox.word(7, group * 32 + i % 32, 1, 2, i / 32));
      }
    }
  }
}
