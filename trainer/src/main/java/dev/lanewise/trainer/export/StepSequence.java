package dev.lanewise.trainer.export;

import dev.lanewise.model.io.ConfigFields;
import dev.lanewise.model.io.InvalidFileException;
import java.util.ArrayList;
import java.util.List;

/** Steps of a {@code tokenizer.json}: one, or a sequence whose steps may be sequences too. */
final class StepSequence {

  private StepSequence() {}

  /**
   * Returns the steps in their order.
   *
   * @param tokenizer the whole file
   * @param name of the field; it may be missing or null
   * @param members the name of the array that a sequence has its steps in
   */
  static List<ConfigFields> of(ConfigFields tokenizer, String name, String members)
      throws InvalidFileException {
    List<ConfigFields> steps = new ArrayList<>();
    ConfigFields step = tokenizer.object(name);
    if (step != null) {
      add(step, members, steps);
    }
    return steps;
  }

  private static void add(ConfigFields step, String members, List<ConfigFields> to)
      throws InvalidFileException {
    if (!step.string("type", "").equals("Sequence")) {
      to.add(step);
      return;
    }
    for (Object inner : step.list(members)) {
      if (!(inner instanceof ConfigFields fields)) {
        throw step.problem(members, "expected objects");
      }
      add(fields, members, to);
    }
  }
}
