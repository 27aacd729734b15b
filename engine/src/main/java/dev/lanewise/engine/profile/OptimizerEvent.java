package dev.lanewise.engine.profile;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Event;
import jdk.jfr.EventType;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** The optimizer's update of all weights, and their repacking. */
@Name("lanewise.Optimizer")
@Label("Optimizer")
@Category("Lanewise")
@StackTrace(false)
public final class OptimizerEvent extends Event {

  private static final EventType TYPE = EventType.getEventType(OptimizerEvent.class);

  @Label("Gradient norm")
  double gradientNorm;

  @Label("Learning rate")
  double learningRate;

  @Label("Bytes read and written")
  @DataAmount
  long bytes;

  private OptimizerEvent() {}

  /** Starts an event if a recording wants it; null, and no allocation, if not. */
  public static OptimizerEvent start() {
    if (!TYPE.isEnabled()) {
      return null;
    }
    OptimizerEvent event = new OptimizerEvent();
    event.begin();
    return event;
  }

  /** Ends and records the event; does nothing with null. */
  public static void end(
      OptimizerEvent event, double gradientNorm, double learningRate, long bytes) {
    if (event == null) {
      return;
    }
    event.end();
    event.gradientNorm = gradientNorm;
    event.learningRate = learningRate;
    event.bytes = bytes;
    event.commit();
  }
}
