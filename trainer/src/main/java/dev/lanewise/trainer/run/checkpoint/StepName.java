package dev.lanewise.trainer.run.checkpoint;

import java.util.Locale;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The names of folders in {@code checkpoints/}: {@code step-000500} for a checkpoint, and with a
 * prefix for one that is not to be used: begun, replaced by another, or about to be deleted.
 */
final class StepName {

  static final String WRITING = ".writing-";
  static final String REPLACED = ".replaced-";
  static final String REMOVING = ".removing-";

  private static final Pattern NAME = Pattern.compile("step-(\\d{6,18})");

  private StepName() {}

  static String of(long step) {
    return String.format(Locale.ROOT, "step-%06d", step);
  }

  /** The step of a checkpoint's name; empty for any other name. */
  static OptionalLong step(String name) {
    return step("", name);
  }

  /** The step of a name with that prefix; empty for any other name. */
  static OptionalLong step(String prefix, String name) {
    if (!name.startsWith(prefix)) {
      return OptionalLong.empty();
    }
    String rest = name.substring(prefix.length());
    Matcher matcher = NAME.matcher(rest);
    if (!matcher.matches()) {
      return OptionalLong.empty();
    }
    long step = Long.parseLong(matcher.group(1));
    return of(step).equals(rest) ? OptionalLong.of(step) : OptionalLong.empty();
  }
}
