package dev.lanewise.trainer.cli;

import java.util.Locale;

/** Whether backward computes activations again instead of keeping them. All give the same bits. */
enum Recompute {
  AUTO,
  ON,
  OFF;

  static final String DESCRIPTION =
      "whether a block's activations are computed again in backward instead of kept: less memory,"
          + " more time, the same result; auto does it when the heap would not do otherwise"
          + " (default: auto)";

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
