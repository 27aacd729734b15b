package dev.lanewise.trainer.run.page;

/** Text of users and models as HTML. */
public final class Html {

  private static final int PICTURES = 0x2400;
  private static final int DELETE = 0x7f;
  private static final char PICTURE_OF_DELETE = '\u2421';

  private Html() {}

  /**
   * Returns what a browser shows as the text, in an element or in an attribute in quotes. Control
   * characters, which it would drop or take for others, are shown as pictures.
   */
  public static String escape(String text) {
    StringBuilder html = new StringBuilder(text.length() + 16);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '&' -> html.append("&amp;");
        case '<' -> html.append("&lt;");
        case '>' -> html.append("&gt;");
        case '"' -> html.append("&quot;");
        case '\'' -> html.append("&#39;");
        case '\n', '\t' -> html.append(c);
        case DELETE -> html.append(PICTURE_OF_DELETE);
        default -> html.append(c < ' ' ? (char) (PICTURES + c) : c);
      }
    }
    return html.toString();
  }

  /** Returns the beginning of a long text, escaped, and dots in place of the rest. */
  public static String escape(String text, int longest) {
    if (text.codePointCount(0, text.length()) <= longest) {
      return escape(text);
    }
    return escape(text.substring(0, text.offsetByCodePoints(0, longest))) + "…";
  }
}
