package dev.lanewise.engine.profile;

import jdk.jfr.Category;
import jdk.jfr.Event;
import jdk.jfr.EventType;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A whole optimizer step. */
@Name("lanewise.Step")
@Label("Step")
@Category("Lanewise")
@StackTrace(false)
public final class StepEvent extends Event {

  private static final EventType TYPE = EventType.getEventType(StepEvent.class);

  @Label("Step")
  long step;

  @Label("Loss")
  double loss;

  @Label("Tokens")
  int tokens;

  private StepEvent() {}

  /** Starts an event if a recording wants it; null, and no allocation, if not. */
  public static StepEvent start() {
    if (!TYPE.isEnabled()) {
      return null;
    }
    StepEvent event = new StepEvent();
    event.begin();
    return event;
  }

  /** Ends and records the event; does nothing with null. */
  public static void end(StepEvent event, long step, double loss, int tokens) {
    if (event == null) {
      return;
    }
    event.end();
    event.step = step;
    event.loss = loss;
    event.tokens = tokens;
    event.commit();
  }
}
