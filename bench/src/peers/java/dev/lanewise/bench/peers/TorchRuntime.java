package dev.lanewise.bench.peers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Context;
import org.bytedeco.pytorch.global.torch;

/** Loads PyTorch, and sets what makes it fast on a few cores. */
final class TorchRuntime {

  private static final String OPEN_MP = "libgomp-98b21ff3.so.1";

  private TorchRuntime() {}

  /**
   * Loads a build and configures it. To be called before any other use of PyTorch, once. The
   * bindings are JavaCPP's for either.
   *
   * @throws IllegalStateException if the libraries are not on the class path
   */
  static void start(TorchBuild build, int threads) {
    if (build == TorchBuild.PUBLISHED) {
      preferPublishedBuild();
    } else if (build.replacesOpenBlas()) {
      System.setProperty("org.bytedeco.javacpp.pathsFirst", "true");
      System.setProperty("java.library.path", TorchBuild.mklAsOpenBlas().toString());
    }
    torch.set_num_interop_threads(1);
    torch.set_num_threads(threads);
    Context.setFlushDenormal(true);
    if (Context.hasMKL() != (build == TorchBuild.PUBLISHED) || !Context.hasMKLDNN()) {
      throw new IllegalStateException("not the build of PyTorch that was to be loaded: " + build);
    }
    if (build.replacesOpenBlas()) {
      requireMkl();
    }
    if (build.autocast()) {
      torch.set_autocast_dtype(torch.DeviceType.CPU, torch.ScalarType.BFloat16);
      torch.set_autocast_enabled(torch.DeviceType.CPU, true);
    }
  }

  /** The linker has been told where to look before the JVM started; if not, it found OpenBLAS. */
  private static void requireMkl() {
    try (Stream<String> maps = Files.lines(Path.of("/proc/self/maps"))) {
      if (maps.noneMatch(line -> line.contains("libmkl_gnu_thread") || line.contains("libmkl_rt"))) {
        throw new IllegalStateException(
            "MKL is not loaded; start with LD_LIBRARY_PATH=" + TorchBuild.mklAsOpenBlas());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
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
