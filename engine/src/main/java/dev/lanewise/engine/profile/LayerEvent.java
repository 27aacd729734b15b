package dev.lanewise.engine.profile;

import dev.lanewise.engine.parallel.TeamMember;
import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Event;
import jdk.jfr.EventType;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/**
 * One direction of one layer, for one pass: of each thread that works on it, with the time in which
 * it waits for the others. So times add up to those of threads, and so does the work.
 */
@Name("lanewise.Layer")
@Label("Layer")
@Category("Lanewise")
@StackTrace(false)
public final class LayerEvent extends Event {

  private static final EventType TYPE = EventType.getEventType(LayerEvent.class);

  @Label("Layer")
  String layer;

  @Label("Direction")
  String direction;

  @Label("Kernel")
  String kernel;

  @Label("Floating-point operations")
  long flops;

  @Label("Bytes read and written")
  @DataAmount
  long bytes;

  @Label("Waited at barriers")
  @Timespan(Timespan.NANOSECONDS)
  long waited;

  private final transient TeamMember member;

  private LayerEvent(TeamMember member) {
    this.member = member;
  }

  /** Starts an event if a recording wants it; null, and no allocation, if not. */
  public static LayerEvent start(TeamMember member) {
    if (!TYPE.isEnabled()) {
      return null;
    }
    LayerEvent event = new LayerEvent(member);
    member.beginMeasuringWaits();
    event.begin();
    return event;
  }

  /**
   * Ends and records the event; does nothing with null.
   *
   * @param units of work that the member did, or would have done of work cut evenly
   */
  public static void end(LayerEvent event, LayerWork work, long units) {
    if (event == null) {
      return;
    }
    event.end();
    event.waited = event.member.endMeasuringWaits();
    event.layer = work.layer();
    event.direction = work.direction();
    event.kernel = work.kernel();
    event.flops = work.flops() * units;
    event.bytes = work.bytes() * units;
    event.commit();
  }
}
