package dev.lanewise.trainer.cli;

/**
 * Where {@code java -jar} enters. Compiled for Java 8, so that an older Java than Lanewise needs
 * runs it and the user reads a sentence. A JVM loads {@link Main} only when it is called, so naming
 * it here is safe, and the compiler checks the name.
 */
public final class Start {
  private static final int NEEDED = 25;

  private Start() {}

  /**
   * Runs {@link Main} if this Java can.
   *
   * @param args the command and its options, as typed
   */
  public static void main(String[] args) {
    String problem =
        problem(
            System.getProperty("java.specification.version"),
            System.getProperty("java.version"),
            System.getProperty("java.home"));
    if (problem != null) {
      System.err.println(problem);
      System.exit(1);
    }
    Main.main(args);
  }

  /** Says what is needed if a Java of this specification does not do; otherwise null. */
  static String problem(String specification, String version, String home) {
    // Before 9 it was "1.8".
    if (!specification.startsWith("1.") && Integer.parseInt(specification) >= NEEDED) {
      return null;
    }
    return "Lanewise needs Java "
        + NEEDED
        + " or newer; this is Java "
        + version
        + ", at "
        + home
        + ". Start the bin/java of a newer JDK, or use ./lanewise, which looks for one.";
  }
}
