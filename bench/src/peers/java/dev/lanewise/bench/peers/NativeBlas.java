package dev.lanewise.bench.peers;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.Locale;

/** {@code cblas_sgemm} of a native library, through the Foreign Function API. */
final class NativeBlas {

  private static final int ROW_MAJOR = 101;
  private static final int PLAIN = 111;
  private static final int TRANSPOSED = 112;
  private static final int INTEL_THREADS = 0;

  private final MethodHandle sgemm;

  /** A library that comes as a Maven artifact. */
  enum Library {
    OPENBLAS("libopenblas.so.0"),
    MKL("libmkl_rt.so.3");

    private final String file;

    Library(String file) {
      this.file = file;
    }

    private String folder() {
      return "/org/bytedeco/%s/linux-x86_64/".formatted(id());
    }

    /** Returns its name in parameters and tables. */
    String id() {
      return name().toLowerCase(Locale.ROOT);
    }

    /** Whether it is on the class path. */
    boolean isPresent() {
      return NativeFiles.exist(folder(), file);
    }

    /**
     * Loads it into this JVM, for good.
     *
     * @throws IllegalStateException if it is not on the class path
     */
    NativeBlas load(int threads) {
      return this == OPENBLAS ? loadOpenBlas(threads) : loadMkl(threads);
    }

    private NativeBlas loadOpenBlas(int threads) {
      SymbolLookup symbols =
          symbols(
              "org.bytedeco:openblas:linux-x86_64",
              "libgcc_s.so.1",
              "libquadmath.so.0",
              "libgfortran.so.5",
              file);
      call(symbols, "openblas_set_num_threads", threads);
      return new NativeBlas(symbols);
    }

    private NativeBlas loadMkl(int threads) {
      SymbolLookup symbols =
          symbols(
              "org.bytedeco:mkl:linux-x86_64-redist",
              "libiomp5.so",
              "libmkl_core.so.3",
              "libmkl_def.so.3",
              "libmkl_avx2.so.3",
              "libmkl_avx512.so.3",
              "libmkl_avx10.so.3",
              "libmkl_intel_lp64.so.3",
              "libmkl_intel_thread.so.3",
              file);
      call(symbols, "MKL_Set_Threading_Layer", INTEL_THREADS);
      call(symbols, "MKL_Set_Dynamic", 0);
      call(symbols, "MKL_Set_Num_Threads", threads);
      return new NativeBlas(symbols);
    }

    /** Unpacks a library beside those that it loads, the last file being the library itself. */
    private SymbolLookup symbols(String artifact, String... files) {
      Path folder = NativeFiles.unpack(artifact, folder(), files);
      return SymbolLookup.libraryLookup(folder.resolve(file), Arena.global());
    }
  }

  private NativeBlas(SymbolLookup symbols) {
    ValueLayout.OfInt i = ValueLayout.JAVA_INT;
    ValueLayout.OfFloat f = ValueLayout.JAVA_FLOAT;
    var p = ValueLayout.ADDRESS;
    this.sgemm =
        Linker.nativeLinker()
            .downcallHandle(
                symbols.findOrThrow("cblas_sgemm"),
                FunctionDescriptor.ofVoid(i, i, i, i, i, i, f, p, i, p, i, f, p, i));
  }

  private static void call(SymbolLookup symbols, String name, int argument) {
    MethodHandle handle =
        Linker.nativeLinker()
            .downcallHandle(
                symbols.findOrThrow(name), FunctionDescriptor.ofVoid(ValueLayout.JAVA_INT));
    try {
      handle.invokeExact(argument);
    } catch (Throwable e) {
      throw new LinkageError(name, e);
    }
  }

  /**
   * C = A B, or C += A B, row by row in memory without gaps.
   *
   * @param m rows of C
   * @param n columns of C
   * @param k inner dimension
   * @param aTransposed whether A is given as k rows of m
   * @param bTransposed whether B is given as n rows of k
   */
  void multiply(
      int m,
      int n,
      int k,
      MemorySegment a,
      boolean aTransposed,
      MemorySegment b,
      boolean bTransposed,
      MemorySegment c,
      boolean accumulates) {
    try {
      sgemm.invokeExact(
          ROW_MAJOR,
          aTransposed ? TRANSPOSED : PLAIN,
          bTransposed ? TRANSPOSED : PLAIN,
          m,
          n,
          k,
          1f,
          a,
          aTransposed ? m : k,
          b,
          bTransposed ? k : n,
          accumulates ? 1f : 0f,
          c,
          n);
    } catch (Throwable e) {
      throw new LinkageError("cblas_sgemm", e);
    }
  }
}
