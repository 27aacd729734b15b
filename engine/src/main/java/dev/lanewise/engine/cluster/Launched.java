package dev.lanewise.engine.cluster;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the environment says of who started this process, among how many.
 *
 * @param launcher for people
 * @param size how many processes
 * @param onThisMachine how many of them on this machine, as far as that is known, else 1
 * @param isOpenMpi whether Open MPI is the likely library
 */
public record Launched(String launcher, int size, int onThisMachine, boolean isOpenMpi) {

  private static final List<String> ON_THIS_MACHINE =
      List.of("OMPI_COMM_WORLD_LOCAL_SIZE", "MPI_LOCALNRANKS", "SLURM_TASKS_PER_NODE");

  /**
   * Reads the environment.
   *
   * @return empty if no launcher of ranks has started this process
   */
  public static Optional<Launched> from(Map<String, String> environment) {
    if (environment.containsKey("OMPI_COMM_WORLD_SIZE")) {
      return of("mpirun (Open MPI)", environment.get("OMPI_COMM_WORLD_SIZE"), true, environment);
    }
    if (environment.containsKey("PMI_SIZE") && environment.containsKey("PMI_RANK")) {
      return of("mpiexec", environment.get("PMI_SIZE"), false, environment);
    }
    if (environment.containsKey("SLURM_PROCID")
        && (environment.containsKey("PMIX_RANK") || environment.containsKey("PMI_RANK"))) {
      boolean pmix = environment.containsKey("PMIX_RANK");
      return of("srun", environment.get("SLURM_NTASKS"), pmix, environment);
    }
    return Optional.empty();
  }

  private static Optional<Launched> of(
      String launcher, String size, boolean openMpi, Map<String, String> environment) {
    return number(size).map(n -> new Launched(launcher, n, local(environment), openMpi));
  }

  private static int local(Map<String, String> environment) {
    return ON_THIS_MACHINE.stream()
        .flatMap(name -> number(environment.get(name)).stream())
        .findFirst()
        .orElse(1);
  }

  /** SLURM writes "4(x2)" for four on each of two machines. */
  private static Optional<Integer> number(String text) {
    String digits = text == null ? "" : text.replaceAll("\\(x\\d+\\)$", "");
    return digits.matches("[1-9]\\d{0,6}")
        ? Optional.of(Integer.valueOf(digits))
        : Optional.empty();
  }
}
