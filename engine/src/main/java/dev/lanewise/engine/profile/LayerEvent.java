package dev.lanewise.engine.profile;

import jdk.jfr.Category;
import jdk.jfr.Event;
import jdk.jfr.EventType;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/**
 * One direction of one layer, for one pass: of each thread that works on it, with the time in which
 * it waits for the others. So times add up to those of threads.
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

  private LayerEvent() {}

  /** Starts an event if a recording wants it; null, and no allocation, if not. */
  public static LayerEvent start() {
    if (!TYPE.isEnabled()) {
      return null;
    }
    LayerEvent event = new LayerEvent();
    event.begin();
    return event;
  }

  /** Ends and records the event; does nothing with null. */
  public static void end(LayerEvent event, String layer, String direction) {
    if (event == null) {
      return;
    }
    event.end();
    event.layer = layer;
    event.direction = direction;
    event.commit();
  }
}
