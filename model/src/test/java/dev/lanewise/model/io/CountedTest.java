package dev.lanewise.model.io;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CountedTest {

  @Test
  void oneThingHasNoPlural() {
    assertThat(Counted.of(1, "file")).isEqualTo("1 file");
    assertThat(Counted.of(0, "file")).isEqualTo("0 files");
    assertThat(Counted.of(1200, "file")).isEqualTo("1200 files");
    assertThat(Counted.of(1, "matrix", "matrices")).isEqualTo("1 matrix");
    assertThat(Counted.of(2, "matrix is", "matrices are")).isEqualTo("2 matrices are");
    assertThat(Counted.grouped(1, "token")).isEqualTo("1 token");
    assertThat(Counted.grouped(12_000, "token")).isEqualTo("12,000 tokens");
  }
}
