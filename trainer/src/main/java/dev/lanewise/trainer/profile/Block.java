package dev.lanewise.trainer.profile;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the names of layers say of the block that they belong to. */
final class Block {

  private static final Pattern IN_BLOCK = Pattern.compile("(layers\\.)(\\d+)(\\..+)");

  private Block() {}

  /** Returns a name with a star for the number of the block; other names as they are. */
  static String withoutNumber(String layer) {
    return IN_BLOCK.matcher(layer).replaceFirst("$1*$3");
  }

  /** Returns the name of the block, or of the layer if it is in none. */
  static String of(String layer) {
    Matcher name = IN_BLOCK.matcher(layer);
    return name.matches() ? name.group(1) + name.group(2) : layer;
  }

  /** Returns the name within the block; of a layer in none, its name. */
  static String inside(String layer) {
    String block = of(layer);
    return block.equals(layer) ? layer : layer.substring(block.length() + 1);
  }
}
