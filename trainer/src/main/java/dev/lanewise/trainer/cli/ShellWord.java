package dev.lanewise.trainer.cli;

/** Text as it is typed into a shell. */
final class ShellWord {

  private ShellWord() {}

  static String of(String text) {
    return text.matches("[\\w./:@%+=-]+") ? text : "'" + text.replace("'", "'\\''") + "'";
  }
}
