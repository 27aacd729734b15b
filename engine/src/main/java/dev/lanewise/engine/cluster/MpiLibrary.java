package dev.lanewise.engine.cluster;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The functions of an MPI library that Lanewise calls, by the JDK's Foreign Function API. None has
 * the linker's option for critical code, so that one that takes long holds up no safepoint.
 */
final class MpiLibrary {

  private static final List<String> OPEN_MPI = List.of("libmpi.so.40", "libmpi.40.dylib");
  private static final List<String> MPICH =
      List.of("libmpich.so.12", "libmpi.so.12", "libmpi.12.dylib");
  private static final List<String> EITHER = List.of("libmpi.so", "libmpich.so", "libmpi.dylib");

  /** MPI_MAX_LIBRARY_VERSION_STRING of MPICH, the longest text of all. */
  private static final int MOST_TEXT = 8192;

  /** MPI_THREAD_SERIALIZED: several threads call, one at a time. */
  private static final int SERIALIZED = 2;

  /** Stands for a handle, which is a long for who calls. */
  private static final ValueLayout.OfLong HANDLE = ValueLayout.JAVA_LONG.withName("handle");

  private final SymbolLookup symbols;
  private final String file;
  private final MpiAbi abi;
  private final String version;
  private final MethodHandle send;
  private final MethodHandle receive;
  private final MethodHandle test;

  private MpiLibrary(SymbolLookup symbols, String file) {
    this.symbols = symbols;
    this.file = file;
    this.version = readVersion();
    this.abi = abi();
    this.send =
        function("MPI_Isend", ADDRESS, JAVA_INT, HANDLE, JAVA_INT, JAVA_INT, HANDLE, ADDRESS);
    this.receive =
        function("MPI_Irecv", ADDRESS, JAVA_INT, HANDLE, JAVA_INT, JAVA_INT, HANDLE, ADDRESS);
    this.test = function("MPI_Test", ADDRESS, ADDRESS, ADDRESS);
  }

  /**
   * Loads a library.
   *
   * @param named its file or name as the user gave it; empty to look for one
   * @param openMpiFirst whether the launcher is Open MPI's
   * @throws ClusterException if there is none, or one that is not known
   */
  static MpiLibrary load(Optional<String> named, boolean openMpiFirst) {
    keepUcxFromSignals();
    if (named.isPresent()) {
      return new MpiLibrary(
          lookup(named.get())
              .orElseThrow(
                  () ->
                      new ClusterException(
                          "--mpi-library %s: there is no such library, or it cannot be loaded; give the path of a libmpi.so.40 (Open MPI; Debian's package libopenmpi3) or a libmpich.so.12 (MPICH; libmpich12)"
                              .formatted(named.get()))),
          named.get());
    }
    List<String> names = new ArrayList<>(openMpiFirst ? OPEN_MPI : MPICH);
    names.addAll(openMpiFirst ? MPICH : OPEN_MPI);
    names.addAll(EITHER);
    for (String name : names) {
      Optional<SymbolLookup> found = lookup(name);
      if (found.isPresent()) {
        return new MpiLibrary(found.get(), name);
      }
    }
    throw new ClusterException(
        "there is no MPI library: looked for %s. Install one (on Debian libopenmpi3 for Open MPI's mpirun, libmpich12 for MPICH's), name one with --mpi-library, or train without ranks (--ranks=off)"
            .formatted(String.join(", ", names)));
  }

  @SuppressWarnings("restricted")
  private static Optional<SymbolLookup> lookup(String name) {
    try {
      return Optional.of(
          name.contains("/")
              ? SymbolLookup.libraryLookup(Path.of(name), Arena.global())
              : SymbolLookup.libraryLookup(name, Arena.global()));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /**
   * UCX, which carries Open MPI's messages on some networks, takes SIGSEGV for a crash from when it
   * is loaded. A JVM uses that signal in its daily work.
   */
  private static void keepUcxFromSignals() {
    Optional<MemorySegment> setenv = Linker.nativeLinker().defaultLookup().find("setenv");
    if (setenv.isEmpty()) {
      return;
    }
    FunctionDescriptor type = FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_INT);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment name = arena.allocateFrom("UCX_ERROR_SIGNALS");
      MemorySegment none = arena.allocateFrom("");
      if ((int) downcall(setenv.get(), type).invokeExact(name, none, 0) != 0) {
        throw new ClusterException("the environment has no room for UCX_ERROR_SIGNALS");
      }
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  @SuppressWarnings("restricted")
  private static MethodHandle downcall(MemorySegment function, FunctionDescriptor type) {
    return Linker.nativeLinker().downcallHandle(function, type);
  }

  private MethodHandle function(String name, MemoryLayout... arguments) {
    MemorySegment function =
        symbols
            .find(name)
            .orElseThrow(
                () -> new ClusterException(file + " is no MPI library: it has no " + name));
    MemoryLayout[] passed =
        Arrays.stream(arguments)
            .map(argument -> argument.equals(HANDLE) ? abi.handle() : argument)
            .toArray(MemoryLayout[]::new);
    return MethodHandles.explicitCastArguments(
        downcall(function, FunctionDescriptor.of(JAVA_INT, passed)),
        FunctionDescriptor.of(JAVA_INT, arguments).toMethodType());
  }

  private MpiAbi abi() {
    if (MpiAbi.isOpenMpi(symbols)) {
      return MpiAbi.openMpi(symbols);
    }
    if (version.contains("MPICH")
        || version.contains("Intel(R) MPI")
        || version.contains("MVAPICH")) {
      return MpiAbi.mpich();
    }
    throw new ClusterException(
        "%s is an MPI library that Lanewise does not know, \"%s\": it knows Open MPI, and MPICH and what has its binary interface (Intel MPI, MVAPICH)"
            .formatted(file, version));
  }

  private interface Text {
    int read(MemorySegment text, MemorySegment length) throws Throwable;
  }

  private static String text(Text call) throws Throwable {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment text = arena.allocate(MOST_TEXT);
      if (call.read(text, arena.allocate(JAVA_INT)) != 0) {
        throw new ClusterException("the MPI library does not say what it is");
      }
      return text.getString(0);
    }
  }

  private String readVersion() {
    MethodHandle function = function("MPI_Get_library_version", ADDRESS, ADDRESS);
    try {
      return text((text, length) -> (int) function.invokeExact(text, length))
          .lines()
          .findFirst()
          .orElse("")
          .strip()
          .replaceAll("\\s+", " ");
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** The library's name and version, for people. */
  String version() {
    return version;
  }

  String file() {
    return file;
  }

  /** Joins the ranks that the launcher has started. */
  void init() {
    MethodHandle initThread = function("MPI_Init_thread", ADDRESS, ADDRESS, JAVA_INT, ADDRESS);
    MethodHandle setErrorHandler = function("MPI_Comm_set_errhandler", HANDLE, HANDLE);
    MemorySegment none = MemorySegment.NULL;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment provided = arena.allocate(JAVA_INT);
      require((int) initThread.invokeExact(none, none, SERIALIZED, provided));
      require((int) setErrorHandler.invokeExact(abi.world(), abi.errorsReturn()));
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  int rank() {
    return number("MPI_Comm_rank");
  }

  int size() {
    return number("MPI_Comm_size");
  }

  private int number(String name) {
    MethodHandle function = function(name, HANDLE, ADDRESS);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment number = arena.allocate(JAVA_INT);
      require((int) function.invokeExact(abi.world(), number));
      return number.get(JAVA_INT, 0);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  String processorName() {
    MethodHandle function = function("MPI_Get_processor_name", ADDRESS, ADDRESS);
    try {
      return text((text, length) -> (int) function.invokeExact(text, length));
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** Begins to send. */
  void send(MemorySegment bytes, int to, MemorySegment request) {
    start(send, bytes, to, request);
  }

  /** Begins to receive. */
  void receive(MemorySegment bytes, int from, MemorySegment request) {
    start(receive, bytes, from, request);
  }

  private void start(MethodHandle function, MemorySegment bytes, int peer, MemorySegment request) {
    int count = Math.toIntExact(bytes.byteSize());
    try {
      require((int) function.invokeExact(bytes, count, abi.bytes(), peer, 0, abi.world(), request));
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** Whether what was begun is done; sees to it that it goes on. */
  boolean isDone(MemorySegment request, MemorySegment flag) {
    try {
      require((int) test.invokeExact(request, flag, abi.ignore()));
      return flag.get(JAVA_INT, 0) != 0;
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  void abort(int exitCode) {
    MethodHandle function = function("MPI_Abort", HANDLE, JAVA_INT);
    try {
      require((int) function.invokeExact(abi.world(), exitCode));
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  void finish() {
    try {
      require((int) function("MPI_Finalize").invokeExact());
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  private void require(int code) throws Throwable {
    if (code != 0) {
      MethodHandle function = function("MPI_Error_string", JAVA_INT, ADDRESS, ADDRESS);
      throw new ClusterException(
          "MPI (%s): %s"
              .formatted(
                  version, text((text, length) -> (int) function.invokeExact(code, text, length))));
    }
  }

  /** What a method handle throws: our own, or what is a bug here. */
  private static RuntimeException unexpected(Throwable thrown) {
    if (thrown instanceof Error error) {
      throw error;
    }
    return thrown instanceof RuntimeException known ? known : new IllegalStateException(thrown);
  }
}
