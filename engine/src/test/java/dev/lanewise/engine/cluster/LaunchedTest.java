package dev.lanewise.engine.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** What launchers put into the environment. */
class LaunchedTest {

  @Test
  void openMpi() {
    assertThat(
            Launched.from(Map.of("OMPI_COMM_WORLD_SIZE", "4", "OMPI_COMM_WORLD_LOCAL_SIZE", "2")))
        .contains(new Launched("mpirun (Open MPI)", 4, 2, true));
  }

  @Test
  void mpich() {
    assertThat(Launched.from(Map.of("PMI_SIZE", "3", "PMI_RANK", "0", "MPI_LOCALNRANKS", "3")))
        .contains(new Launched("mpiexec", 3, 3, false));
  }

  @Test
  void slurm() {
    assertThat(
            Launched.from(
                Map.of(
                    "SLURM_PROCID", "1",
                    "SLURM_NTASKS", "8",
                    "SLURM_TASKS_PER_NODE", "4(x2)",
                    "PMIX_RANK", "1")))
        .contains(new Launched("srun", 8, 4, true));
  }

  /** A shell inside of an allocation is no rank. */
  @Test
  void nobody() {
    assertThat(Launched.from(Map.of("SLURM_PROCID", "0", "SLURM_NTASKS", "8"))).isEmpty();
    assertThat(Launched.from(Map.of("PMI_SIZE", "none", "PMI_RANK", "0"))).isEmpty();
    assertThat(Launched.from(Map.of())).isEmpty();
  }
}
