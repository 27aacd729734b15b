package dev.lanewise.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.InputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StartTest {
  private static final int JAVA_8 = 52;

  @Test
  void anyJavaCanReadTheClass() throws Exception {
    try (InputStream bytes = Start.class.getResourceAsStream("Start.class");
        DataInputStream in = new DataInputStream(bytes)) {
      assertThat(in.readInt()).isEqualTo(0xcafebabe);
      assertThat(in.readUnsignedShort()).isZero();
      assertThat(in.readUnsignedShort()).isEqualTo(JAVA_8);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"1.8", "11", "17", "24"})
  void anOldJavaIsToldWhatIsNeeded(String version) {
    assertThat(Start.problem(version, "17.0.1", "/opt/old"))
        .startsWith("Lanewise needs Java 25 or newer; this is Java 17.0.1, at /opt/old. ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"25", "26", "100"})
  void aNewJavaIsFine(String version) {
    assertThat(Start.problem(version, version, "/opt/new")).isNull();
  }
}
