package dev.lanewise.trainer.text.template;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/** Filters of lists, dicts and what else has items. */
final class SequenceFilters {
  private SequenceFilters() {}

  static void addTo(Map<String, Filters.Filter> all) {
    Filters.Filter length =
        (e, value, arguments) -> Values.length(Filters.only("length", value, arguments));
    all.put("length", length);
    all.put("count", length);
    all.put(
        "list", (e, value, arguments) -> Values.list(e, Filters.only("list", value, arguments)));
    all.put("first", (e, value, arguments) -> first(Filters.only("first", value, arguments)));
    all.put("last", (e, value, arguments) -> last(e, Filters.only("last", value, arguments)));
    all.put(
        "reverse", (e, value, arguments) -> reverse(e, Filters.only("reverse", value, arguments)));
    all.put("items", (e, value, arguments) -> items(Filters.only("items", value, arguments)));
    all.put("join", SequenceFilters::join);
    all.put("sum", SequenceFilters::sum);
    all.put("min", (e, value, arguments) -> extreme(e, value, arguments, false));
    all.put("max", (e, value, arguments) -> extreme(e, value, arguments, true));
    all.put("sort", SequenceFilters::sort);
    all.put("dictsort", SequenceFilters::sortDict);
    all.put("unique", SequenceFilters::unique);
    all.put("groupby", SequenceFilters::groupBy);
    all.put("batch", SequenceFilters::batch);
    all.put("slice", SequenceFilters::slice);
    all.put("map", SequenceFilters::map);
    all.put("select", (e, value, arguments) -> select(e, value, arguments, false, true));
    all.put("reject", (e, value, arguments) -> select(e, value, arguments, false, false));
    all.put("selectattr", (e, value, arguments) -> select(e, value, arguments, true, true));
    all.put("rejectattr", (e, value, arguments) -> select(e, value, arguments, true, false));
  }

  /** What an {@code attribute=} argument takes of an item: names and places with dots between. */
  private static Function<Object, Object> getter(Object attribute, Object otherwise) {
    if (attribute == null) {
      return item -> item;
    }
    List<Object> parts = new ArrayList<>();
    if (Values.isText(attribute)) {
      for (String part : PythonText.parts(Values.text(attribute), ".", -1)) {
        parts.add(part.matches("[0-9]{1,9}") ? (Object) Long.parseLong(part) : part);
      }
    } else {
      parts.add(attribute);
    }
    return item -> {
      Object value = item;
      for (Object part : parts) {
        value = Attributes.item(value, part);
        value = value instanceof Undefined && otherwise != null ? otherwise : value;
      }
      return value;
    };
  }

  private static Object folded(Object value, boolean caseSensitive) {
    return caseSensitive || !Values.isText(value) ? value : PythonText.lower(Values.text(value));
  }

  private static Object first(Object value) {
    Iterator<Object> items = Values.iterator(value);
    return items.hasNext() ? items.next() : new Undefined("there is no first item");
  }

  private static Object last(Evaluation e, Object value) {
    if (value instanceof Lazy) {
      throw new TemplateException("a generator cannot be gone through from its end");
    }
    List<Object> items = Values.list(e, value);
    return items.isEmpty() ? new Undefined("there is no last item") : items.getLast();
  }

  private static Object reverse(Evaluation e, Object value) {
    if (Values.isText(value)) {
      String reversed = new StringBuilder(Values.text(value)).reverse().toString();
      return e.paid(value instanceof Markup ? new Markup(reversed) : (Object) reversed);
    }
    List<Object> reversed = Values.list(e, value).reversed();
    return value instanceof Lazy ? reversed : new Lazy(reversed.iterator());
  }

  private static Object items(Object value) {
    if (value instanceof Undefined) {
      return new Lazy(List.<Object>of().iterator());
    }
    if (!(value instanceof Map)) {
      throw new TemplateException("items needs a dict, not " + Values.typeName(value));
    }
    return new Lazy(new DictView(Values.dict(value), DictView.Kind.ITEMS).items().iterator());
  }

  private static Object join(Evaluation e, Object value, Arguments arguments) {
    Arguments.Bound bound = arguments.bind("join", "d? attribute?");
    String between = e.text(bound.get(0, ""));
    Function<Object, Object> getter = getter(bound.get(1, null), null);
    StringBuilder joined = new StringBuilder();
    boolean first = true;
    for (Object item : Values.list(e, value)) {
      e.print(joined, first ? "" : between);
      e.print(joined, e.text(getter.apply(item)));
      first = false;
    }
    return joined.toString();
  }

  private static Object sum(Evaluation e, Object value, Arguments arguments) {
    Arguments.Bound bound = arguments.bind("sum", "attribute? start?");
    Function<Object, Object> getter = getter(bound.get(0, null), null);
    Object sum = bound.get(1, 0L);
    if (Values.isText(sum)) {
      throw new TemplateException("sum does not add strings; join does");
    }
    for (Object item : Values.list(e, value)) {
      sum = Arithmetic.add(e, sum, getter.apply(item));
    }
    return sum;
  }

  private static Object extreme(Evaluation e, Object value, Arguments arguments, boolean largest) {
    Arguments.Bound bound = arguments.bind(largest ? "max" : "min", "case_sensitive? attribute?");
    Function<Object, Object> getter = getter(bound.get(1, null), null);
    Object best = new Undefined("the sequence is empty");
    Object bestKey = null;
    for (Object item : Values.list(e, value)) {
      Object key = folded(getter.apply(item), bound.flag(0));
      if (best instanceof Undefined
          || (largest ? Values.less(e, bestKey, key) : Values.less(e, key, bestKey))) {
        best = item;
        bestKey = key;
      }
    }
    return best;
  }

  private static Object sort(Evaluation e, Object value, Arguments arguments) {
    Arguments.Bound bound = arguments.bind("sort", "reverse? case_sensitive? attribute?");
    Object attribute = bound.get(2, null);
    List<Function<Object, Object>> getters = new ArrayList<>();
    if (Values.isText(attribute)) {
      PythonText.parts(Values.text(attribute), ",", -1)
          .forEach(part -> getters.add(getter(part, null)));
    } else {
      getters.add(getter(attribute, null));
    }
    List<Values.Keyed> keyed = new ArrayList<>();
    for (Object item : Values.list(e, value)) {
      List<Object> key = new ArrayList<>();
      getters.forEach(getter -> key.add(folded(getter.apply(item), bound.flag(1))));
      keyed.add(new Values.Keyed(key, item));
    }
    return Values.sorted(e, keyed, bound.flag(0));
  }

  private static Object sortDict(Evaluation e, Object value, Arguments arguments) {
    Arguments.Bound bound = arguments.bind("dictsort", "case_sensitive? by? reverse?");
    String by = bound.has(1) ? bound.text(1) : "key";
    if (!(value instanceof Map) || (!by.equals("key") && !by.equals("value"))) {
      throw new TemplateException("dictsort sorts a dict, by 'key' or by 'value'");
    }
    List<Values.Keyed> keyed = new ArrayList<>();
    Values.dict(value)
        .forEach(
            (key, item) ->
                keyed.add(
                    new Values.Keyed(
                        folded(by.equals("key") ? key : item, bound.flag(0)),
                        Tuple.of(key, item))));
    return Values.sorted(e, keyed, bound.flag(2));
  }

  private static Object unique(Evaluation e, Object value, Arguments arguments) {
    Arguments.Bound bound = arguments.bind("unique", "case_sensitive? attribute?");
    Function<Object, Object> getter = getter(bound.get(1, null), null);
    Set<Object> seen = new HashSet<>();
    return new Chosen(
            e,
            Values.iterator(value),
            item -> seen.add(Values.identity(folded(getter.apply(item), bound.flag(0)))))
        .lazy();
  }

  private static Object groupBy(Evaluation e, Object value, Arguments arguments) {
    Arguments.Bound bound = arguments.bind("groupby", "attribute default? case_sensitive?");
    Function<Object, Object> getter = getter(bound.get(0), bound.get(1, null));
    List<Values.Keyed> keyed = new ArrayList<>();
    for (Object item : Values.list(e, value)) {
      keyed.add(new Values.Keyed(folded(getter.apply(item), bound.flag(2)), item));
    }
    List<Object> groups = new ArrayList<>();
    List<Object> group = List.of();
    Object groupKey = null;
    for (Object item : Values.sorted(e, keyed, false)) {
      Object key = folded(getter.apply(item), bound.flag(2));
      if (groups.isEmpty() || !Values.equal(e, key, groupKey)) {
        group = new ArrayList<>();
        groupKey = key;
        groups.add(
            new Tuple(Tuple.of(getter.apply(item), group).items(), List.of("grouper", "list")));
      }
      group.add(item);
    }
    return groups;
  }

  private static Object batch(Evaluation e, Object value, Arguments arguments) {
    Arguments.Bound bound = arguments.bind("batch", "linecount fill_with?");
    int size = bound.integer(0);
    Object fill = bound.get(1, null);
    List<Object> batches = new ArrayList<>();
    List<Object> batch = new ArrayList<>();
    for (Object item : Values.list(e, value)) {
      if (batch.size() == size) {
        batches.add(batch);
        batch = new ArrayList<>();
      }
      batch.add(item);
    }
    if (!batch.isEmpty()) {
      e.spend(fill == null ? 0 : Math.max(0, size));
      while (fill != null && batch.size() < size) {
        batch.add(fill);
      }
      batches.add(batch);
    }
    return new Lazy(batches.iterator());
  }

  private static Object slice(Evaluation e, Object value, Arguments arguments) {
    Arguments.Bound bound = arguments.bind("slice", "slices fill_with?");
    int slices = bound.integer(0);
    if (slices == 0) {
      throw new TemplateException("slice into no parts");
    }
    List<Object> items = Values.list(e, value);
    e.spend(Math.max(0, slices));
    List<Object> parts = new ArrayList<>();
    int begin = 0;
    for (int i = 0; i < slices; i++) {
      boolean longer = i < items.size() % slices;
      int end = begin + items.size() / slices + (longer ? 1 : 0);
      List<Object> part = new ArrayList<>(items.subList(begin, end));
      if (bound.get(1, null) != null && !longer) {
        part.add(bound.get(1));
      }
      parts.add(part);
      begin = end;
    }
    return new Lazy(parts.iterator());
  }

  private static Object map(Evaluation e, Object value, Arguments arguments) {
    Function<Object, Object> change;
    if (arguments.positional().isEmpty() && arguments.named().containsKey("attribute")) {
      Arguments.Bound bound = arguments.bind("map", "attribute default?");
      change = getter(bound.get(0), bound.get(1, null));
    } else if (!arguments.positional().isEmpty()) {
      Filters.Filter filter = filter(arguments.positional().get(0));
      Arguments rest = arguments.after(1);
      change = item -> filter.apply(e, item, rest);
    } else {
      throw new TemplateException("map needs the name of a filter, or attribute=");
    }
    Iterator<Object> items = itemsIfAny(value);
    return new Lazy(
        new Iterator<>() {
          @Override
          public boolean hasNext() {
            return e.deeper(items::hasNext);
          }

          @Override
          public Object next() {
            return e.deeper(() -> change.apply(items.next()));
          }
        });
  }

  /** What is false, such as None, has no items for map, select and their like. */
  private static Iterator<Object> itemsIfAny(Object value) {
    return Values.truth(value) ? Values.iterator(value) : List.<Object>of().iterator();
  }

  private static Filters.Filter filter(Object name) {
    Filters.Filter filter = Values.isText(name) ? Filters.named(Values.text(name)) : null;
    if (filter == null) {
      throw new TemplateException(
          "there is no filter "
              + (Values.isText(name) ? "'" + Values.text(name) + "'" : "of this name"));
    }
    return filter;
  }

  private static Object select(
      Evaluation e, Object value, Arguments arguments, boolean ofAttribute, boolean wanted) {
    List<Object> given = arguments.positional();
    int names = ofAttribute ? 1 : 0;
    if (given.size() < names) {
      throw new TemplateException("selectattr and rejectattr need the name of an attribute");
    }
    Function<Object, Object> getter = ofAttribute ? getter(given.get(0), null) : item -> item;
    if (given.size() == names) {
      return new Chosen(e, itemsIfAny(value), item -> Values.truth(getter.apply(item)) == wanted)
          .lazy();
    }
    Object name = given.get(names);
    Tests.Test test = Values.isText(name) ? Tests.named(Values.text(name)) : null;
    if (test == null) {
      throw new TemplateException(
          "there is no test "
              + (Values.isText(name) ? "'" + Values.text(name) + "'" : "of this name"));
    }
    Arguments rest = arguments.after(names + 1);
    return new Chosen(
            e, itemsIfAny(value), item -> test.holds(e, getter.apply(item), rest) == wanted)
        .lazy();
  }

  /** The items that are chosen, each when it is asked for. */
  private static final class Chosen implements Iterator<Object> {
    private final Evaluation e;
    private final Iterator<Object> all;
    private final Predicate<Object> choice;
    private Object next;
    private boolean found;

    Chosen(Evaluation e, Iterator<Object> all, Predicate<Object> choice) {
      this.e = e;
      this.all = all;
      this.choice = choice;
    }

    Lazy lazy() {
      return new Lazy(this);
    }

    @Override
    public boolean hasNext() {
      return found || e.deeper(this::search);
    }

    private boolean search() {
      while (!found && all.hasNext()) {
        e.spend(1);
        next = all.next();
        found = choice.test(next);
      }
      return found;
    }

    @Override
    public Object next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      found = false;
      return next;
    }
  }
}
