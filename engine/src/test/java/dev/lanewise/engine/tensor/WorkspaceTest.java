package dev.lanewise.engine.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.lanewise.kernels.CacheLine;
import org.junit.jupiter.api.Test;

class WorkspaceTest {

  @Test
  void slicesFollowOneAnotherAtCacheLines() {
    Workspace.Plan plan = Workspace.plan();

    int first = (int) CacheLine.start(0);
    assertThat(plan.reserve("a", 10)).isEqualTo(first);
    assertThat(plan.reserve("b", 16)).isEqualTo(first + 16);
    assertThat(plan.reserve("c", 0)).isEqualTo(first + 32);
    assertThat(plan.reserve("d", 17)).isEqualTo(first + 32);
    assertThat(plan.reserve("e", 1)).isEqualTo(first + 64);
    assertThat(plan.size()).isEqualTo(first + 65);
    assertThat(plan.allocate(0).data()).hasSize(first + 65);
  }

  @Test
  void workspacesOfOnePlanAreApart() {
    Workspace.Plan plan = Workspace.plan();
    plan.reserve("a", 3);

    assertThat(plan.allocate(0).data()).isNotSameAs(plan.allocate(0).data());
  }

  @Test
  void refusesMoreThanAnArrayHolds() {
    Workspace.Plan plan = Workspace.plan();
    plan.reserve("a", 1 << 30);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> plan.reserve("attention", 1L << 40))
        .withMessageContaining("attention")
        .withMessageContaining("shorten the context");
  }
}
