package dev.lanewise.bench.peers;

import java.nio.file.Path;
import org.bytedeco.pytorch.Context;
import org.bytedeco.pytorch.global.torch;

/** Loads PyTorch, and sets what makes it fast on a few cores. */
final class TorchRuntime {

  private static final String OPEN_MP = "libgomp-98b21ff3.so.1";

  private TorchRuntime() {}

  /** Who multiplies matrices for PyTorch: two builds of the same version. */
  enum Blas {
    /** The build that the PyTorch project publishes, as DJL packs it. */
    MKL,
    /** JavaCPP's build. */
    OPENBLAS
  }

  /**
   * Loads a build and configures it. To be called before any other use of PyTorch, once. The
   * bindings are JavaCPP's for either.
   *
   * @throws IllegalStateException if the libraries are not on the class path
   */
  static void start(Blas blas, int threads) {
    if (blas == Blas.MKL) {
      preferPublishedBuild();
    }
    torch.set_num_interop_threads(1);
    torch.set_num_threads(threads);
    Context.setFlushDenormal(true);
    if (Context.hasMKL() != (blas == Blas.MKL) || !Context.hasMKLDNN()) {
      throw new IllegalStateException("not the build of PyTorch that was to be loaded: " + blas);
    }
  }

  private static void preferPublishedBuild() {
    System.setProperty("org.bytedeco.javacpp.pathsFirst", "true");
    Path folder =
        NativeFiles.unpack(
            "ai.djl.pytorch:pytorch-native-cpu:linux-x86_64",
            "/pytorch/cpu/linux-x86_64/",
            OPEN_MP,
            "libc10.so",
            "libtorch_cpu.so",
            "libtorch.so");
    System.setProperty("java.library.path", folder.toString());
    System.load(folder.resolve(OPEN_MP).toString());
  }

  /** Returns PyTorch's account of itself: version, libraries, threads. */
  static String description() {
    return torch.show_config().getString() + torch.get_parallel_info().getString();
  }
}
