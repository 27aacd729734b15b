package dev.lanewise.engine.profile;

import jdk.jfr.Category;
import jdk.jfr.Event;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Period;
import jdk.jfr.StackTrace;

/**
 * What the steps of a recording run on: what their times are to be compared with, wherever the
 * recording is read. At the beginning of each of its chunks, of which a recorder with little room
 * keeps the last.
 */
@Name("lanewise.Machine")
@Label("Machine")
@Category("Lanewise")
@StackTrace(false)
@Period("beginChunk")
public final class MachineEvent extends Event {

  @Label("Threads")
  int threads;

  @Label("Peak of all threads, GFLOP/s")
  double peakGigaflops;

  @Label("Kernels")
  String kernels;

  private MachineEvent() {}

  /** Until it is closed, recordings tell of the machine. */
  public interface Announcement extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * Tells recordings that run, and those that begin later.
   *
   * @param peakGigaflops what the threads can do at most, in 10<sup>9</sup> operations per second
   * @param kernels their name
   */
  public static Announcement announce(int threads, double peakGigaflops, String kernels) {
    Runnable tell =
        () -> {
          MachineEvent event = new MachineEvent();
          event.threads = threads;
          event.peakGigaflops = peakGigaflops;
          event.kernels = kernels;
          event.commit();
        };
    FlightRecorder.addPeriodicEvent(MachineEvent.class, tell);
    tell.run();
    return () -> FlightRecorder.removePeriodicEvent(tell);
  }
}
