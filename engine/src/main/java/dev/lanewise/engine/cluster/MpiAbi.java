package dev.lanewise.engine.cluster;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;

/**
 * The two binary interfaces that MPI libraries have, as their mpi.h writes them down: what stands
 * for the world, for a byte, and so on.
 *
 * @param handle how a handle is passed
 * @param world MPI_COMM_WORLD
 * @param bytes MPI_BYTE
 * @param errorsReturn MPI_ERRORS_RETURN
 * @param ignore MPI_STATUS_IGNORE
 */
record MpiAbi(
    MemoryLayout handle, long world, long bytes, long errorsReturn, MemorySegment ignore) {

  private static final String OPEN_MPI_WORLD = "ompi_mpi_comm_world";

  /** MPICH, and what agreed to be compatible with it: Intel MPI, MVAPICH, Cray MPICH. */
  private static final MpiAbi MPICH =
      new MpiAbi(
          ValueLayout.JAVA_INT, 0x44000000, 0x4c00010d, 0x54000001, MemorySegment.ofAddress(1));

  static boolean isOpenMpi(SymbolLookup library) {
    return library.find(OPEN_MPI_WORLD).isPresent();
  }

  static MpiAbi mpich() {
    return MPICH;
  }

  /** Open MPI's handles are addresses of what the library has. */
  static MpiAbi openMpi(SymbolLookup library) {
    return new MpiAbi(
        ValueLayout.JAVA_LONG,
        library.findOrThrow(OPEN_MPI_WORLD).address(),
        library.findOrThrow("ompi_mpi_byte").address(),
        library.findOrThrow("ompi_mpi_errors_return").address(),
        MemorySegment.NULL);
  }
}
