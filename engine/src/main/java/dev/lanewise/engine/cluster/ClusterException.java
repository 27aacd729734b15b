package dev.lanewise.engine.cluster;

/** Ranks cannot go on together: the message names the rank and its machine, or says what to do. */
public final class ClusterException extends IllegalStateException {

  private static final long serialVersionUID = 1L;

  /** Makes one for people to read. */
  public ClusterException(String message) {
    super(message);
  }

  /** As the other one. */
  public ClusterException(String message, Throwable cause) {
    super(message, cause);
  }
}
