package dev.lanewise.trainer.reliability;

import java.util.ArrayList;
import java.util.List;

/**
 * What must not show in the result: how many threads, which kernels, which JVM.
 *
 * @param kernels {@code scalar}, or the bits of a vector
 */
record Machine(int threads, String kernels, List<String> moreFlags) {

  Machine {
    moreFlags = List.copyOf(moreFlags);
  }

  static Machine of(int threads, String kernels, String... moreFlags) {
    return new Machine(threads, kernels, List.of(moreFlags));
  }

  private boolean isScalar() {
    return kernels.equals("scalar");
  }

  String threadsOption() {
    return "--threads=" + threads;
  }

  String kernelsOption() {
    return "--kernels=" + (isScalar() ? "scalar" : "vector");
  }

  List<String> jvmFlags() {
    List<String> flags = new ArrayList<>(moreFlags);
    if (!isScalar()) {
      flags.add("-Dlanewise.vectorBits=" + kernels);
    }
    return flags;
  }
}
