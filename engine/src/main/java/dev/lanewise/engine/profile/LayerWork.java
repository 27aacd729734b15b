package dev.lanewise.engine.profile;

/**
 * One direction of a layer as its {@link LayerEvent}s describe it, and what it costs per unit of
 * work: a row, unless the layer counts by something else. Made once, with the layer.
 *
 * @param layer the layer's name
 * @param direction {@link #FORWARD}, {@link #BACKWARD}, or both where they are fused
 * @param kernel the operation that takes the time
 * @param flops floating-point operations of matrix products, a multiply-add counted as two; 0 where
 *     moving numbers is what takes the time
 * @param bytes that are read and written, from caches or memory; 0 where products take the time
 */
public record LayerWork(String layer, String direction, String kernel, long flops, long bytes) {

  /** From inputs to outputs. */
  public static final String FORWARD = "forward";

  /** From gradients of outputs to gradients of inputs and weights. */
  public static final String BACKWARD = "backward";

  /** The work of matrix products. */
  public static LayerWork products(String layer, String direction, String kernel, long flops) {
    return new LayerWork(layer, direction, kernel, flops, 0);
  }

  /** The work of an operation that is done once it has read and written so many floats. */
  public static LayerWork floats(String layer, String direction, String kernel, long floats) {
    return new LayerWork(layer, direction, kernel, 0, Float.BYTES * floats);
  }
}
