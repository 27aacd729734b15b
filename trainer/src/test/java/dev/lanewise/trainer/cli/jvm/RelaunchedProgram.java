package dev.lanewise.trainer.cli.jvm;

import dev.lanewise.trainer.cli.Main;
import java.nio.charset.CharacterCodingException;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;

/**
 * What {@link RelaunchTest} starts: as {@link Main}, with a program in it that a test can see
 * through.
 */
final class RelaunchedProgram {
  private RelaunchedProgram() {}

  public static void main(String[] given) throws InterruptedException, CharacterCodingException {
    String[] args = Arguments.asTyped(given);
    if (Relaunch.isNeeded()) {
      System.exit(Relaunch.of(RelaunchedProgram.class).run(args));
    }
    ParentWatch.begin();
    System.out.printf(
        "vector=%s answer=%s arguments=%s%n",
        !Relaunch.isNeeded(), System.getProperty("lanewise.test.answer"), Arrays.toString(args));
    if (args[0].equals("wait")) {
      Runtime.getRuntime()
          .addShutdownHook(new Thread(() -> System.out.println("stopped by a signal")));
      System.out.println("waiting");
      new CountDownLatch(1).await();
    }
    if (args[0].equals("finish")) {
      finishWhenAsked();
    } else {
      System.exit(Integer.parseInt(args[0]));
    }
  }

  /** Goes on for a while after a signal, as a training that saves. */
  private static void finishWhenAsked() throws InterruptedException {
    CountDownLatch asked = new CountDownLatch(1);
    try (StopSignals signals = StopSignals.catching(asked::countDown)) {
      System.out.println("waiting");
      asked.await();
      Thread.sleep(700);
      System.out.println("finished " + signals.isCaught());
    }
  }
}
