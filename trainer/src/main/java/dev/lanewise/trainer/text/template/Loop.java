package dev.lanewise.trainer.text.template;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Function;

/**
 * The {@code loop} of a for loop. It looks ahead by one item, and only when it is asked for what
 * comes.
 */
final class Loop implements Callable {
  private static final Object NONE = new Object();

  private final Object source;
  private final int depth0;
  private final Function<Object, String> recursion;
  private Iterator<Object> items;
  private long index0 = -1;
  private long length = -1;
  private Object before = NONE;
  private Object current = NONE;
  private Object after = NONE;
  private List<Object> lastChanged;

  /**
   * Begins before the first item.
   *
   * @param source what the items are of
   * @param items the items that are gone through; fewer where the loop has a condition
   * @param recursion renders the loop for other items, one level deeper; null where the loop is not
   *     recursive
   */
  Loop(Object source, Iterator<Object> items, int depth0, Function<Object, String> recursion) {
    this.source = source;
    this.items = items;
    this.depth0 = depth0;
    this.recursion = recursion;
  }

  // Any value may come next, so only the object itself says that none does.
  @SuppressWarnings("ReferenceEquality")
  private static boolean isNone(Object value) {
    return value == NONE;
  }

  boolean advance() {
    if (isNone(after) && !items.hasNext()) {
      return false;
    }
    before = current;
    current = isNone(after) ? items.next() : after;
    after = NONE;
    index0++;
    return true;
  }

  Object current() {
    return current;
  }

  long index() {
    return index0 + 1;
  }

  long length() {
    if (length < 0 && Values.hasLength(source)) {
      length = Values.length(source);
    } else if (length < 0) {
      List<Object> rest = new ArrayList<>();
      items.forEachRemaining(rest::add);
      items = rest.iterator();
      length = rest.size() + index() + (isNone(after) ? 0 : 1);
    }
    return length;
  }

  private Object next() {
    if (isNone(after) && items.hasNext()) {
      after = items.next();
    }
    return after;
  }

  Object field(String name) {
    return switch (name) {
      case "index" -> index();
      case "index0" -> index0;
      case "length" -> length();
      case "revindex" -> length() - index0;
      case "revindex0" -> length() - index();
      case "first" -> index0 == 0;
      case "last" -> isNone(next());
      case "depth" -> depth0 + 1L;
      case "depth0" -> (long) depth0;
      case "previtem" -> index0 == 0 ? new Undefined("there is no previous item") : before;
      case "nextitem" -> isNone(next()) ? new Undefined("there is no next item") : after;
      case "cycle" -> (Callable) (e, arguments) -> cycle(arguments.positional());
      case "changed" -> (Callable) (e, arguments) -> changed(e, arguments.positional());
      default -> null;
    };
  }

  private Object cycle(List<Object> among) {
    if (among.isEmpty()) {
      throw new TemplateException("loop.cycle() needs something to choose from");
    }
    return among.get((int) (index0 % among.size()));
  }

  private boolean changed(Evaluation e, List<Object> values) {
    if (lastChanged != null && Values.equal(e, lastChanged, values)) {
      return false;
    }
    lastChanged = values;
    return true;
  }

  @Override
  public Object call(Evaluation e, Arguments arguments) {
    if (recursion == null) {
      throw new TemplateException("a loop that calls itself needs 'recursive'");
    }
    return recursion.apply(arguments.bind("loop", "iterable").get(0));
  }
}
