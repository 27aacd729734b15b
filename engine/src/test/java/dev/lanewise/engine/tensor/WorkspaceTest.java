package dev.lanewise.engine.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class WorkspaceTest {

  @Test
  void slicesFollowOneAnother() {
    Workspace.Plan plan = Workspace.plan();

    assertThat(plan.reserve("a", 10)).isZero();
    assertThat(plan.reserve("b", 5)).isEqualTo(10);
    assertThat(plan.reserve("c", 0)).isEqualTo(15);
    assertThat(plan.size()).isEqualTo(15);
    assertThat(plan.allocate().data()).hasSize(15);
  }

  @Test
  void workspacesOfOnePlanAreApart() {
    Workspace.Plan plan = Workspace.plan();
    plan.reserve("a", 3);

    assertThat(plan.allocate().data()).isNotSameAs(plan.allocate().data());
  }

  @Test
  void refusesMoreThanAnArrayHolds() {
    Workspace.Plan plan = Workspace.plan();
    plan.reserve("a", 1 << 30);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> plan.reserve("attention", 1L << 40))
        .withMessageContaining("attention")
        .withMessageContaining("smaller batch");
  }
}
