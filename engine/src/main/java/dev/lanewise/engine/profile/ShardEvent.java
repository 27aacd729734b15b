package dev.lanewise.engine.profile;

import jdk.jfr.Category;
import jdk.jfr.Event;
import jdk.jfr.EventType;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** Forward and backward of one shard of a batch: of each thread that works on it. */
@Name("lanewise.Shard")
@Label("Shard")
@Category("Lanewise")
@StackTrace(false)
public final class ShardEvent extends Event {

  private static final EventType TYPE = EventType.getEventType(ShardEvent.class);

  @Label("Shard")
  int shard;

  @Label("Sequences")
  int sequences;

  private ShardEvent() {}

  /** Starts an event if a recording wants it; null, and no allocation, if not. */
  public static ShardEvent start() {
    if (!TYPE.isEnabled()) {
      return null;
    }
    ShardEvent event = new ShardEvent();
    event.begin();
    return event;
  }

  /** Ends and records the event; does nothing with null. */
  public static void end(ShardEvent event, int shard, int sequences) {
    if (event == null) {
      return;
    }
    event.end();
    event.shard = shard;
    event.sequences = sequences;
    event.commit();
  }
}
