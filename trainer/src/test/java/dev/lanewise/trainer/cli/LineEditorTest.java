package dev.lanewise.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.trainer.cli.jvm.InterruptSignals;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.junit.jupiter.api.Test;

/** Keys of a terminal that is not there. */
class LineEditorTest {

  private static final int PATIENCE = 20;
  private static final String UP = "\033OA";
  private static final String LEFT = "\033OD";
  private static final String CTRL_C = "\3";
  private static final String ALT_ENTER = "\033\r";

  private static Terminal terminal(InputStream in, OutputStream out) throws IOException {
    return TerminalBuilder.builder()
        .system(false)
        .provider("exec")
        .streams(in, out)
        .type("xterm")
        .encoding(StandardCharsets.UTF_8)
        .build();
  }

  private static List<String> typed(String keys) throws IOException {
    List<String> lines = new ArrayList<>();
    try (InterruptSignals signals = InterruptSignals.catching();
        LineEditor editor =
            LineEditor.on(
                terminal(
                    new ByteArrayInputStream(keys.getBytes(StandardCharsets.UTF_8)),
                    new ByteArrayOutputStream()),
                signals)) {
      for (String line = editor.next(); line != null; line = editor.next()) {
        lines.add(line);
      }
    }
    return lines;
  }

  @Test
  void linesAreEditedAndThoseOfBeforeComeAgain() throws IOException {
    assertThat(typed("Grüe" + LEFT + "ß\r" + UP + "!\r")).containsExactly("Grüße", "Grüße!");
  }

  @Test
  void aMessageMayHaveSeveralLines() throws IOException {
    assertThat(typed("one\\\rtwo\r")).containsExactly("one\ntwo");
    assertThat(typed("one" + ALT_ENTER + "two\r")).containsExactly("one\ntwo");
    assertThat(typed("\033[200~one\ntwo\033[201~\r")).containsExactly("one\ntwo");
  }

  @Test
  void signsOfShellsAreText() throws IOException {
    assertThat(typed("it's !x \\n \"\r")).containsExactly("it's !x \\n \"");
  }

  @Test
  void ctrlCTakesALineAwayAndEndsTheInputWhereThereIsNone() throws Exception {
    PipedOutputStream keys = new PipedOutputStream();
    ByteArrayOutputStream shown = new ByteArrayOutputStream();
    try (InterruptSignals signals = InterruptSignals.catching();
        LineEditor editor = LineEditor.on(terminal(new PipedInputStream(keys), shown), signals)) {
      CompletableFuture<String> line = CompletableFuture.supplyAsync(editor::next);
      awaitShown(shown, "> ");
      type(keys, "wrong");
      awaitShown(shown, "wrong");
      shown.reset();
      type(keys, CTRL_C);
      awaitShown(shown, "> ");
      type(keys, "right\r");
      assertThat(line.get(PATIENCE, TimeUnit.SECONDS)).isEqualTo("right");

      shown.reset();
      CompletableFuture<String> none = CompletableFuture.supplyAsync(editor::next);
      awaitShown(shown, "> ");
      type(keys, CTRL_C);
      assertThat(none.get(PATIENCE, TimeUnit.SECONDS)).isNull();
    }
  }

  private static void type(OutputStream keys, String text) throws IOException {
    keys.write(text.getBytes(StandardCharsets.UTF_8));
    keys.flush();
  }

  private static void awaitShown(ByteArrayOutputStream shown, String text)
      throws InterruptedException {
    for (int i = 0; !shown.toString(StandardCharsets.UTF_8).contains(text); i++) {
      assertThat(i).as("%s in %s", text, shown).isLessThan(PATIENCE * 100);
      Thread.sleep(10);
    }
  }
}
