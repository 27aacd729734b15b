package dev.lanewise.engine.registry;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The kinds of one thing that files and settings can name. Immutable.
 *
 * @param <K> what is registered
 */
public final class Registry<K extends Registry.Kind> {

  /** Something that can be named. */
  public interface Kind {

    /** Returns the name in files and settings. */
    String id();
  }

  private final String thing;
  private final List<K> kinds;

  /**
   * Registers kinds.
   *
   * @param thing what they are kinds of, which is also the name of the setting
   */
  public Registry(String thing, List<K> kinds) {
    this.thing = thing;
    this.kinds = List.copyOf(kinds);
  }

  /** Returns these kinds and one more. */
  public Registry<K> with(K kind) {
    List<K> more = new ArrayList<>(kinds);
    more.add(kind);
    return new Registry<>(thing, more);
  }

  /** Returns all, in the order in which they were registered. */
  public List<K> all() {
    return kinds;
  }

  /** Returns the kind of a name, if there is one. */
  public Optional<K> find(String id) {
    return kinds.stream().filter(kind -> kind.id().equals(id)).findFirst();
  }

  /**
   * Returns the kind of a name.
   *
   * @throws IllegalArgumentException that lists the names there are
   */
  public K named(String id) {
    return find(id).orElseThrow(() -> new IllegalArgumentException(unknown(id)));
  }

  /** Returns the names, for messages. */
  public String names() {
    return kinds.stream().map(Kind::id).collect(Collectors.joining(", "));
  }

  /** Returns what is wrong with a name, if anything: a line for people. */
  public Stream<String> problems(String id) {
    return find(id).isPresent() ? Stream.empty() : Stream.of(unknown(id));
  }

  private String unknown(String id) {
    return "--%s %s: there is no such %s; there are %s".formatted(thing, id, thing, names());
  }
}
