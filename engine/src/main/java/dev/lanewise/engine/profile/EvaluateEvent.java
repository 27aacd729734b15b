package dev.lanewise.engine.profile;

import jdk.jfr.Category;
import jdk.jfr.Event;
import jdk.jfr.EventType;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** An exact evaluation of the validation data. */
@Name("lanewise.Evaluate")
@Label("Evaluate")
@Category("Lanewise")
@StackTrace(false)
public final class EvaluateEvent extends Event {

  private static final EventType TYPE = EventType.getEventType(EvaluateEvent.class);

  @Label("Loss")
  double loss;

  @Label("Windows")
  long windows;

  private EvaluateEvent() {}

  /** Starts an event if a recording wants it; null, and no allocation, if not. */
  public static EvaluateEvent start() {
    if (!TYPE.isEnabled()) {
      return null;
    }
    EvaluateEvent event = new EvaluateEvent();
    event.begin();
    return event;
  }

  /** Ends and records the event; does nothing with null. */
  public static void end(EvaluateEvent event, double loss, long windows) {
    if (event == null) {
      return;
    }
    event.end();
    event.loss = loss;
    event.windows = windows;
    event.commit();
  }
}
