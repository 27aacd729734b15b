package dev.lanewise.kernels;

import java.util.List;

/** One call of an operation with the slices that it works on, to be made on any set of kernels. */
final class Call {

  /** Makes the call. */
  interface Body {
    void run(KernelSet kernels, Slice[] s);
  }

  private final String name;
  private final Body body;
  private final Slice[] slices;

  private Call(String name, Body body, Slice[] slices) {
    this.name = name;
    this.body = body;
    this.slices = slices;
  }

  static Call of(String name, Body body, Slice... slices) {
    return new Call(name, body, slices);
  }

  /** Calls on the slices themselves, which keep what it did to them. */
  void run(KernelSet kernels) {
    body.run(kernels, slices);
  }

  /** Undoes what {@link #run} did. */
  void restore() {
    for (Slice slice : slices) {
      slice.restore();
    }
  }

  /** Calls on copies of the slices, and returns these. */
  List<Slice> result(KernelSet kernels) {
    Slice[] copies = new Slice[slices.length];
    for (int i = 0; i < copies.length; i++) {
      copies[i] = slices[i].copy();
    }
    body.run(kernels, copies);
    return List.of(copies);
  }

  @Override
  public String toString() {
    return name;
  }
}
