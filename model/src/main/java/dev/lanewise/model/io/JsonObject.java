package dev.lanewise.model.io;

import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.Set;

/**
 * A small JSON object of a file. Fields are asked for by name and type; one that is not as asked
 * for is an {@link InvalidFileException} that names the file and the field.
 */
public final class JsonObject {

  private static final int LONGEST_QUOTE = 40;

  private final Path file;
  private final String at;
  private final Map<String, Object> fields;

  /**
   * Holds what has been read.
   *
   * @param at the path of fields that led here; empty for the file itself
   * @param fields values as {@link StrictJson} reads them
   */
  JsonObject(Path file, String at, Map<String, Object> fields) {
    this.file = file;
    this.at = at;
    this.fields = fields;
  }

  /** Returns the names of the fields, in the order of the file. */
  public Set<String> names() {
    return Collections.unmodifiableSet(fields.keySet());
  }

  /** Whether there is a field of this name, and it is not null. */
  public boolean has(String name) {
    return fields.get(name) != null;
  }

  /** Whether there is a field of this name whose value is null. */
  public boolean isNull(String name) {
    return fields.containsKey(name) && fields.get(name) == null;
  }

  /** Returns a string. */
  public String string(String name) throws InvalidFileException {
    return get(name, String.class, "a string");
  }

  /** Returns true or false. */
  public boolean flag(String name) throws InvalidFileException {
    return get(name, Boolean.class, "true or false");
  }

  /** Returns an integer that fits a long. */
  public long whole(String name) throws InvalidFileException {
    return get(name, Long.class, "an integer");
  }

  /** Returns an integer that fits an int. */
  public int integer(String name) throws InvalidFileException {
    long value = whole(name);
    if (value != (int) value) {
      throw problem(name, "expected an integer of 32 bits, found " + value);
    }
    return (int) value;
  }

  /** Returns a finite number. */
  public double number(String name) throws InvalidFileException {
    double value = get(name, Number.class, "a number").doubleValue();
    if (!Double.isFinite(value)) {
      throw problem(name, "is out of range for a 64-bit number");
    }
    return value;
  }

  /** Returns an object. */
  public JsonObject object(String name) throws InvalidFileException {
    return get(name, JsonObject.class, "an object");
  }

  private <T> T get(String name, Class<T> type, String expected) throws InvalidFileException {
    Object value = fields.get(name);
    if (value == null) {
      throw problem(name, fields.containsKey(name) ? expectedNot(expected, "null") : "missing");
    }
    if (!type.isInstance(value)) {
      throw problem(name, expectedNot(expected, shown(value)));
    }
    return type.cast(value);
  }

  private static String expectedNot(String expected, String found) {
    return "expected " + expected + ", found " + found;
  }

  private static String shown(Object value) {
    if (value instanceof JsonObject) {
      return "an object";
    }
    String text = value instanceof String string ? '"' + string + '"' : value.toString();
    return text.length() <= LONGEST_QUOTE ? text : text.substring(0, LONGEST_QUOTE) + "...";
  }

  /** Makes the exception for a field that cannot be used. */
  public InvalidFileException problem(String name, String problem) {
    return problem(name, problem, null);
  }

  /** As {@link #problem(String, String)}, found by another exception. */
  public InvalidFileException problem(String name, String problem, Throwable cause) {
    String field = at.isEmpty() || name.isEmpty() ? at + name : at + "." + name;
    return new InvalidFileException(file, field, problem, cause);
  }
}
