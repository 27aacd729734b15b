package dev.lanewise.engine.profile;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Event;
import jdk.jfr.EventType;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** The addition of the gradients of all shards. */
@Name("lanewise.Reduce")
@Label("Reduce")
@Category("Lanewise")
@StackTrace(false)
public final class ReduceEvent extends Event {

  private static final EventType TYPE = EventType.getEventType(ReduceEvent.class);

  @Label("Shards")
  int shards;

  @Label("Bytes read and written")
  @DataAmount
  long bytes;

  private ReduceEvent() {}

  /** Starts an event if a recording wants it; null, and no allocation, if not. */
  public static ReduceEvent start() {
    if (!TYPE.isEnabled()) {
      return null;
    }
    ReduceEvent event = new ReduceEvent();
    event.begin();
    return event;
  }

  /** Ends and records the event; does nothing with null. */
  public static void end(ReduceEvent event, int shards, long bytes) {
    if (event == null) {
      return;
    }
    event.end();
    event.shards = shards;
    event.bytes = bytes;
    event.commit();
  }
}
