package dev.lanewise.trainer.optim;

import dev.lanewise.engine.registry.Registry;
import java.util.List;

/** The optimizers that come with the program: a new one is a line here. */
public final class Optimizers {

  /** All of them. */
  public static final Registry<OptimizerKind> STANDARD =
      new Registry<>("optimizer", List.of(new AdamW.Kind(), new Muon.Kind()));

  private Optimizers() {}
}
