package dev.lanewise.trainer.cli;

import java.util.Arrays;
import java.util.concurrent.CountDownLatch;

/**
 * What {@link RelaunchTest} starts: as {@link Main}, with a program in it that a test can see
 * through.
 */
final class RelaunchedProgram {
  private RelaunchedProgram() {}

  public static void main(String[] args) throws InterruptedException {
    if (Relaunch.isNeeded()) {
      System.exit(Relaunch.of(RelaunchedProgram.class).run(args));
    }
    System.out.printf(
        "vector=%s answer=%s arguments=%s%n",
        !Relaunch.isNeeded(), System.getProperty("lanewise.test.answer"), Arrays.toString(args));
    if (args[0].equals("wait")) {
      Runtime.getRuntime()
          .addShutdownHook(new Thread(() -> System.out.println("stopped by a signal")));
      System.out.println("waiting");
      new CountDownLatch(1).await();
    }
    System.exit(Integer.parseInt(args[0]));
  }
}
