package dev.lanewise.trainer.export;

import dev.lanewise.engine.registry.Registry;
import java.util.List;

/** The forms of export that come with the program: a new one is a line here. */
public final class Exports {

  /** All of them. */
  public static final Registry<Export> STANDARD =
      new Registry<>("form", List.of(new HuggingFaceExport(), new GgufExport(), new PeftExport()));

  private Exports() {}
}
