package dev.lanewise.engine.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class WorkspaceTest {

  @Test
  void slicesFollowOneAnotherAtCacheLines() {
    Workspace.Plan plan = Workspace.plan();

    assertThat(plan.reserve("a", 10)).isEqualTo(12);
    assertThat(plan.reserve("b", 16)).isEqualTo(28);
    assertThat(plan.reserve("c", 0)).isEqualTo(44);
    assertThat(plan.reserve("d", 17)).isEqualTo(44);
    assertThat(plan.reserve("e", 1)).isEqualTo(76);
    assertThat(plan.size()).isEqualTo(77);
    assertThat(plan.allocate(0).data()).hasSize(77);
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
