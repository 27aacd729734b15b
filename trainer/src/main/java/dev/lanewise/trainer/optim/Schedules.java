package dev.lanewise.trainer.optim;

import dev.lanewise.engine.registry.Registry;
import dev.lanewise.trainer.settings.ScheduleSettings;
import dev.lanewise.trainer.settings.Settings;
import java.util.ArrayList;
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

  /** Returns what is wrong with the schedule of settings, a line each. */
  public static List<String> problems(Registry<ScheduleKind> kinds, Settings settings) {
    ScheduleSettings schedule = settings.schedule();
    List<String> problems = new ArrayList<>(kinds.problems(schedule.kind()).toList());
    boolean needsEnd =
        kinds.find(schedule.kind()).filter(k -> k.endAfter(schedule, 0).isEmpty()).isPresent();
    if (settings.step().isOpen() && needsEnd) {
      problems.add(
          "--minutes: with --schedule %s every learning rate depends on the number of steps; take --schedule wsd"
              .formatted(schedule.kind()));
    }
    return problems;
  }
}
