package dev.lanewise.trainer.run.checkpoint;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lanewise.model.io.InvalidFileException;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Set;

/**
 * Public records as JSON objects, one field per component: numbers, booleans, strings, enums, and
 * records, which alone may be null. Reading wants exactly the fields there are, each of its type,
 * so that a new component of a record is a new version of the file.
 */
final class RecordJson {

  private RecordJson() {}

  /** Writes the components as fields of the object that has been begun. */
  static void write(JsonGenerator json, Record value) throws IOException {
    for (RecordComponent component : value.getClass().getRecordComponents()) {
      json.writeFieldName(component.getName());
      writeValue(json, component, valueOf(component, value));
    }
  }

  private static void writeValue(JsonGenerator json, RecordComponent component, Object value)
      throws IOException {
    if (value instanceof Integer || value instanceof Long) {
      json.writeNumber(((Number) value).longValue());
    } else if (value instanceof Double number && Double.isFinite(number)) {
      json.writeNumber(number);
    } else if (value instanceof Boolean flag) {
      json.writeBoolean(flag);
    } else if (value instanceof String text) {
      json.writeString(text);
    } else if (value instanceof Enum<?> constant) {
      json.writeString(constant.name());
    } else if (value instanceof Record inner) {
      json.writeStartObject();
      write(json, inner);
      json.writeEndObject();
    } else if (value == null && component.getType().isRecord()) {
      json.writeNull();
    } else {
      throw new IllegalArgumentException(
          component.getDeclaringRecord().getSimpleName()
              + "."
              + component.getName()
              + " = "
              + value
              + " cannot be written");
    }
  }

  /**
   * Reads a record.
   *
   * @param at the path of fields that led to {@code object}; empty for the file itself
   */
  static <R extends Record> R read(Class<R> type, Path file, String at, ObjectNode object)
      throws InvalidFileException {
    RecordComponent[] components = type.getRecordComponents();
    Object[] values = new Object[components.length];
    Class<?>[] types = new Class<?>[components.length];
    Set<String> known = new HashSet<>();
    for (int i = 0; i < components.length; i++) {
      String name = components[i].getName();
      known.add(name);
      types[i] = components[i].getType();
      values[i] = readValue(types[i], file, join(at, name), object.get(name));
    }
    for (Iterator<String> names = object.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      if (!known.contains(name)) {
        throw new InvalidFileException(file, join(at, name), "not a field of this file");
      }
    }
    try {
      return type.getDeclaredConstructor(types).newInstance(values);
    } catch (InvocationTargetException e) {
      // What records throw when a value is out of range, or null and must not be.
      Throwable cause = e.getCause();
      if (cause instanceof IllegalArgumentException || cause instanceof NullPointerException) {
        throw new InvalidFileException(file, at, cause.getMessage(), cause);
      }
      throw new IllegalStateException("the constructor of " + type + " failed", cause);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(type + " is not a public record", e);
    }
  }

  private static Object readValue(Class<?> type, Path file, String at, JsonNode node)
      throws InvalidFileException {
    if (node == null) {
      throw new InvalidFileException(file, at, "missing");
    }
    if (type == int.class && node.isIntegralNumber() && node.canConvertToInt()) {
      return node.intValue();
    }
    if (type == long.class && node.isIntegralNumber() && node.canConvertToLong()) {
      return node.longValue();
    }
    if (type == double.class && node.isNumber() && Double.isFinite(node.doubleValue())) {
      return node.doubleValue();
    }
    if (type == boolean.class && node.isBoolean()) {
      return node.booleanValue();
    }
    if (type == String.class && node.isTextual()) {
      return node.textValue();
    }
    if (type.isEnum() && node.isTextual()) {
      return constant(type, file, at, node.textValue());
    }
    if (type.isRecord() && node.isNull()) {
      return null;
    }
    if (type.isRecord() && node instanceof ObjectNode inner) {
      return read(type.asSubclass(Record.class), file, at, inner);
    }
    throw new InvalidFileException(
        file, at, "expected " + nameOf(type) + ", found " + abbreviate(node.toString()));
  }

  private static Object constant(Class<?> type, Path file, String at, String name)
      throws InvalidFileException {
    for (Object constant : type.getEnumConstants()) {
      if (((Enum<?>) constant).name().equals(name)) {
        return constant;
      }
    }
    throw new InvalidFileException(
        file, at, "\"" + abbreviate(name) + "\" is not one of the values possible");
  }

  private static String nameOf(Class<?> type) {
    if (type.isRecord()) {
      return "an object";
    }
    return type == String.class || type.isEnum() ? "a string" : "a value of type " + type.getName();
  }

  private static String abbreviate(String text) {
    int most = 40;
    return text.length() <= most ? text : text.substring(0, most) + "...";
  }

  private static String join(String at, String name) {
    return at.isEmpty() ? name : at + "." + name;
  }

  private static Object valueOf(RecordComponent component, Record value) {
    try {
      return component.getAccessor().invoke(value);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(component + " cannot be read", e);
    }
  }
}
