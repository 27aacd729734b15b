package dev.lanewise.trainer.progress;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An SLF4J logger that is made when there is something to log. Most commands never do, and Logback
 * would take a fifth of a second of their start.
 */
public final class LateLogger {

  private final Class<?> owner;

  /** Makes the logger of a class. */
  public LateLogger(Class<?> owner) {
    this.owner = owner;
  }

  private Logger logger() {
    return LoggerFactory.getLogger(owner);
  }

  /** See {@link Logger#warn(String, Object...)}. */
  public void warn(String format, Object... arguments) {
    logger().warn(format, arguments);
  }

  /** See {@link Logger#info(String, Object...)}. */
  public void info(String format, Object... arguments) {
    logger().info(format, arguments);
  }

  /** See {@link Logger#debug(String, Object...)}. */
  public void debug(String format, Object... arguments) {
    logger().debug(format, arguments);
  }
}
