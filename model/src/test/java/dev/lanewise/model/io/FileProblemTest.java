package dev.lanewise.model.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.InvalidPathException;
import org.junit.jupiter.api.Test;

class FileProblemTest {

  private final InvalidPathException name =
      new InvalidPathException("caf\u00e9?.txt", "Illegal char <?>");

  @Test
  void aLocaleWithoutALetterIsNamedWithWhatToDo() {
    assertThat(FileProblem.explain(name, "ANSI_X3.4-1968", false))
        .contains("caf\u00e9?.txt", "the locale (ANSI_X3.4-1968)", "LC_ALL=C.UTF-8");
    assertThat(FileProblem.explain(name, "UTF-8", false))
        .isEqualTo("\"caf\u00e9?.txt\" cannot be the name of a file here: Illegal char <?>");
  }

  /** Windows has names in Unicode whatever its locale, and no variable for that. */
  @Test
  void windowsIsNotToldOfLocales() {
    assertThat(FileProblem.explain(name, "US-ASCII", true))
        .contains("Illegal char <?>")
        .doesNotContain("locale", "LC_ALL");
  }

  @Test
  void aMachineThatDoesNotSayItsEncodingIsNotBlamed() {
    for (String encoding : new String[] {"", "no such one", "x-unknown"}) {
      assertThat(FileProblem.explain(name, encoding, false)).contains("Illegal char <?>");
    }
  }

  @Test
  void controlCharactersOfANameAreNotShown() {
    InvalidPathException hidden = new InvalidPathException("a\0\u001b[2Jb", "Nul character");
    assertThat(FileProblem.explain(hidden, "UTF-8", false)).startsWith("\"a??[2Jb\" cannot be");
  }
}
