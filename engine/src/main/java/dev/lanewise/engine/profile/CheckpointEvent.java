package dev.lanewise.engine.profile;

import jdk.jfr.Category;
import jdk.jfr.Event;
import jdk.jfr.EventType;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** The writing of a checkpoint. */
@Name("lanewise.Checkpoint")
@Label("Checkpoint")
@Category("Lanewise")
@StackTrace(false)
public final class CheckpointEvent extends Event {

  private static final EventType TYPE = EventType.getEventType(CheckpointEvent.class);

  @Label("Step")
  long step;

  @Label("Path")
  String path;

  private CheckpointEvent() {}

  /** Starts an event if a recording wants it; null, and no allocation, if not. */
  public static CheckpointEvent start() {
    if (!TYPE.isEnabled()) {
      return null;
    }
    CheckpointEvent event = new CheckpointEvent();
    event.begin();
    return event;
  }

  /** Ends and records the event; does nothing with null. */
  public static void end(CheckpointEvent event, long step, String path) {
    if (event == null) {
      return;
    }
    event.end();
    event.step = step;
    event.path = path;
    event.commit();
  }
}
