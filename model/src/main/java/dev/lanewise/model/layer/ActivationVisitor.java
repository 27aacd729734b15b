package dev.lanewise.model.layer;

/** Is shown the activations of a pass in the order in which forward computes them. */
@FunctionalInterface
public interface ActivationVisitor {

  /**
   * Visits one tensor.
   *
   * @param name for people
   * @param offset into {@link Pass#activations}
   * @param floats its size in this pass
   */
  void visit(String name, int offset, int floats);
}
