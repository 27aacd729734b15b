package dev.lanewise.trainer.optim;

import dev.lanewise.engine.registry.Registry;
import java.util.List;

/** The learning rate schedules that come with the program: a new one is a line here. */
public final class Schedules {

  /** All of them. */
  public static final Registry<ScheduleKind> STANDARD =
      new Registry<>(
          "schedule",
          List.of(
              new WarmupCosine.Kind(),
              new WarmupLinear.Kind(),
              new ToTheLeast.Cosine(),
              new ToTheLeast.Linear(),
              new WarmupStableDecay.Kind()));

  private Schedules() {}
}
