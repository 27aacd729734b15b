package dev.lanewise.trainer.cli;

/**
 * Generated text as a terminal may have it: a model can write control characters, which would move
 * the cursor, change colours or the character set. In a file or a pipe they stay as they are.
 */
final class TerminalText {

  private static final int PICTURES = 0x2400;
  private static final int DELETE = 0x7F;
  private static final int PICTURE_OF_DELETE = 0x2421;

  private TerminalText() {}

  /** As {@link #visible} if the standard output is a terminal. */
  static String shown(String text) {
    return StandardOutput.isTerminal() ? visible(text) : text;
  }

  /** Puts Unicode's control pictures, or a code, for all but tabs and line feeds. */
  static String visible(String text) {
    StringBuilder out = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!Character.isISOControl(c) || c == '\n' || c == '\t') {
        out.append(c);
      } else if (c < ' ') {
        out.append((char) (PICTURES + c));
      } else if (c == DELETE) {
        out.append((char) PICTURE_OF_DELETE);
      } else {
        out.append("<U+%04X>".formatted((int) c));
      }
    }
    return out.toString();
  }
}
