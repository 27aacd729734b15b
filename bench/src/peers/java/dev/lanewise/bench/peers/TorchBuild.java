package dev.lanewise.bench.peers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** A build of PyTorch to measure against; the fastest counts. */
enum TorchBuild {
  /** The newest that the PyTorch project publishes for Java, as DJL packs it, with MKL inside. */
  PUBLISHED("pytorch-2.7.1-mkl", "torch-2.7.1", false),
  /** JavaCPP's of a later version, with OpenBLAS. */
  OPENBLAS("pytorch-2.13-openblas", "torch-2.13", false),
  /** The same with MKL in the place of OpenBLAS. */
  MKL("pytorch-2.13-mkl", "torch-2.13", false),
  /**
   * The same with autocast: products in bfloat16. Other numbers than the rest, and no faster on
   * processors without instructions for them.
   */
  BFLOAT16("pytorch-2.13-bf16", "torch-2.13", true);

  private static final String MKL_JAR = "/org/bytedeco/mkl/linux-x86_64/";

  private final String id;
  private final String libraries;
  private final boolean autocast;

  TorchBuild(String id, String libraries, boolean autocast) {
    this.id = id;
    this.libraries = libraries;
    this.autocast = autocast;
  }

  /** Returns its name in results and tables. */
  String id() {
    return id;
  }

  /** Returns the folder of its jars among those of the peers. */
  String libraries() {
    return libraries;
  }

  /** Whether products are in bfloat16. */
  boolean autocast() {
    return autocast;
  }

  /** Whether it is one of those with MKL put in the place of OpenBLAS. */
  boolean replacesOpenBlas() {
    return this == MKL || this == BFLOAT16;
  }

  /** Whether this processor has instructions that a build is for. */
  boolean isAtHome() {
    try {
      String facts = Files.readString(Path.of("/proc/cpuinfo"));
      return !autocast || facts.contains(" avx512_bf16") || facts.contains(" amx_bf16");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns what the build's process needs in its environment. */
  Map<String, String> environment() {
    if (replacesOpenBlas()) {
      // Read when the process starts: it is how the linker finds MKL under OpenBLAS's name. MKL
      // shares the threads of PyTorch's own OpenMP.
      return Map.of("LD_LIBRARY_PATH", mklAsOpenBlas().toString(), "MKL_THREADING_LAYER", "GNU");
    }
    // Two libraries with threads of their own share the cores: the one must not spin while the
    // other works.
    return this == OPENBLAS ? Map.of("OMP_WAIT_POLICY", "passive") : Map.of();
  }

  /** Returns a folder where MKL has the name of OpenBLAS; both have the functions of BLAS. */
  static Path mklAsOpenBlas() {
    Path folder =
        NativeFiles.unpack(
            "org.bytedeco:mkl:linux-x86_64-redist",
            MKL_JAR,
            "libmkl_core.so.3",
            "libmkl_def.so.3",
            "libmkl_avx2.so.3",
            "libmkl_avx512.so.3",
            "libmkl_avx10.so.3",
            "libmkl_vml_def.so.3",
            "libmkl_vml_avx2.so.3",
            "libmkl_vml_avx512.so.3",
            "libmkl_vml_avx10.so.3",
            "libmkl_intel_lp64.so.3",
            "libmkl_gnu_thread.so.3",
            "libmkl_rt.so.3");
    NativeFiles.unpack(
        "org.bytedeco:pytorch:linux-x86_64", "/org/bytedeco/pytorch/linux-x86_64/", "libgomp.so.1");
    Path link = folder.resolve("libopenblas.so.0");
    try {
      if (!Files.exists(link)) {
        Files.createSymbolicLink(link, Path.of("libmkl_rt.so.3"));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot link " + link, e);
    }
    return folder;
  }
}
