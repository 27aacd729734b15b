package dev.lanewise.trainer.run.page;

import dev.lanewise.trainer.files.Sha256;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;

/**
 * A page about runs. It needs nothing else: no network, no fonts, and no script but its own, which
 * only reads values out under the pointer.
 */
public final class Page {

  private static final String SCRIPT = "<script>";
  private static final Template FRAME = frame();

  private Page() {}

  /** Of all scripts, browsers are told to run this one only. */
  private static Template frame() {
    String page = Template.resource(Page.class, "page.html").text();
    int from = page.indexOf(SCRIPT) + SCRIPT.length();
    String script = page.substring(from, page.indexOf("</script>", from));
    byte[] hash = Sha256.digest().digest(script.getBytes(StandardCharsets.UTF_8));
    return new Template(
        page.replace("{{script}}", "sha256-" + Base64.getEncoder().encodeToString(hash)));
  }

  /**
   * Returns what is near the beginning of a page of a kind, and of no other.
   *
   * @param kind a word
   */
  public static String mark(String kind) {
    return "<meta name=\"generator\" content=\"Lanewise %s\">".formatted(kind);
  }

  /**
   * Returns the whole page.
   *
   * @param kind a word
   * @param title any text
   * @param state any text, below the title
   * @param body HTML
   */
  public static String html(String kind, String title, String state, String body) {
    return FRAME.fill(
        Map.of(
            "mark", mark(kind),
            "title", Html.escape(title),
            "state", Html.escape(state),
            "body", body));
  }

  /** Returns a moment as such as "2026-11-26 16:04:42 UTC". */
  public static String moment(Instant now) {
    return DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss", Locale.ROOT)
            .format(now.atOffset(ZoneOffset.UTC))
        + " UTC";
  }
}
