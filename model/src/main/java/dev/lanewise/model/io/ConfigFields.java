package dev.lanewise.model.io;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The fields of a {@code config.json}, asked for by name and type. A missing field, or one that is
 * null, has the value that the asker gives. What the asker does not ask for is passed over.
 */
public final class ConfigFields {

  private static final int MOST_BYTES = 1 << 24;

  /** Integers below are exact as doubles. */
  private static final double MOST_EXACT = 0x1p53;

  private final Path file;
  private final String at;
  private final Map<String, Object> fields = new LinkedHashMap<>();

  private ConfigFields(Path file, String at) {
    this.file = file;
    this.at = at;
  }

  /**
   * Reads a file.
   *
   * @throws InvalidFileException if it is missing or malformed
   */
  public static ConfigFields read(Path file) throws IOException {
    return read(file, MOST_BYTES);
  }

  /**
   * Reads a file that may be larger than those that people write.
   *
   * @param most bytes that it may have
   * @throws InvalidFileException if it is missing or malformed
   */
  public static ConfigFields read(Path file, int most) throws IOException {
    SafetensorsFile.requireRegularFile(file);
    byte[] bytes;
    try (InputStream in = RegularFile.open(file)) {
      bytes = in.readNBytes(most + 1);
    }
    if (bytes.length > most) {
      throw new InvalidFileException(file, "", "has more than " + most + " bytes");
    }
    ConfigFields config = new ConfigFields(file, "");
    RegularFile.requireNoPointer(file, bytes);
    try (StrictJson json = new StrictJson(file, new ByteArrayInputStream(bytes))) {
      json.expectObject("");
      config.readFields(json);
      json.expectEnd();
    }
    return config;
  }

  /** Reads what is left of an object that has begun. */
  private void readFields(StrictJson json) throws IOException {
    for (String name = json.nextName(at); name != null; name = json.nextName(at)) {
      fields.put(name, value(json, at + name, json.next(at + name)));
    }
  }

  private Object value(StrictJson json, String name, JsonToken token) throws IOException {
    if (token == JsonToken.START_OBJECT) {
      ConfigFields inner = new ConfigFields(file, name + ".");
      inner.readFields(json);
      return inner;
    }
    if (token == JsonToken.START_ARRAY) {
      List<Object> list = new ArrayList<>();
      for (JsonToken next = json.next(name); next != JsonToken.END_ARRAY; next = json.next(name)) {
        list.add(value(json, name, next));
      }
      return list;
    }
    return json.guarded(
        name,
        () ->
            switch (token) {
              case VALUE_STRING -> json.parser().getText();
              case VALUE_TRUE, VALUE_FALSE -> token == JsonToken.VALUE_TRUE;
              case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> json.parser().getDoubleValue();
              default -> null;
            });
  }

  /** Returns the names of all fields, in their order. */
  public Set<String> names() {
    return Collections.unmodifiableSet(fields.keySet());
  }

  /** Returns whether there is a field of that name that is not null. */
  public boolean has(String name) {
    return fields.get(name) != null;
  }

  /** Returns whether a field is an object. */
  public boolean isObject(String name) {
    return fields.get(name) instanceof ConfigFields;
  }

  /** Returns whether a field is a string. */
  public boolean isText(String name) {
    return fields.get(name) instanceof String;
  }

  /** Returns whether a field is false. */
  public boolean isFalse(String name) {
    return Boolean.FALSE.equals(fields.get(name));
  }

  /** Returns whether a field is a list. */
  public boolean isList(String name) {
    return fields.get(name) instanceof List;
  }

  /** Returns the fields of an object inside, or null if it is missing. */
  public ConfigFields object(String name) throws InvalidFileException {
    return get(name, ConfigFields.class, null);
  }

  /** Returns a list, empty if it is missing. */
  public List<?> list(String name) throws InvalidFileException {
    return get(name, List.class, List.of());
  }

  /** Returns a string. */
  public String string(String name, String standard) throws InvalidFileException {
    return get(name, String.class, standard);
  }

  /** Returns a number. */
  public double number(String name, double standard) throws InvalidFileException {
    return get(name, Double.class, standard);
  }

  /** Returns true or false. */
  public boolean flag(String name, boolean standard) throws InvalidFileException {
    return get(name, Boolean.class, standard);
  }

  /** Returns an integer from 1 to {@code most}. */
  public int size(String name, int standard, int most) throws InvalidFileException {
    double value = number(name, standard);
    if (value != Math.rint(value) || value < 1 || value > most) {
      throw problem(name, shown(value) + " is not an integer from 1 to " + most);
    }
    return (int) value;
  }

  /** Returns an integer from 1 to {@code most} that has to be there. */
  public int requiredSize(String name, int most) throws InvalidFileException {
    if (!has(name)) {
      throw problem(name, "missing");
    }
    return size(name, 1, most);
  }

  /** Returns a number above 0. */
  public double positive(String name, double standard) throws InvalidFileException {
    double value = number(name, standard);
    if (!(value > 0 && value <= Double.MAX_VALUE)) {
      throw problem(name, shown(value) + " is not a number above 0");
    }
    return value;
  }

  /** Returns a number that is at least 0 and, also as a float, less than 1. */
  public double share(String name, double standard) throws InvalidFileException {
    double value = number(name, standard);
    if (!(value >= 0 && (float) value < 1)) {
      throw problem(name, shown(value) + " is not in [0, 1)");
    }
    return value;
  }

  /** Requires that a field, if it is there, has the one value that is supported. */
  public void require(String name, boolean only) throws InvalidFileException {
    if (flag(name, only) != only) {
      throw problem(name, !only + " is not supported, only " + only);
    }
  }

  private <T> T get(String name, Class<? extends T> type, T standard) throws InvalidFileException {
    Object value = fields.get(name);
    if (value == null) {
      return standard;
    }
    if (!type.isInstance(value)) {
      throw problem(
          name,
          "expected %s, found %s".formatted(kind(type), InvalidFileException.quote(shown(value))));
    }
    return type.cast(value);
  }

  /** A value as the file has it, more or less: a string with its quotes, an integer as one. */
  private static String shown(Object value) {
    if (value instanceof ConfigFields) {
      return "an object";
    }
    if (value instanceof Double number
        && number == Math.rint(number)
        && Math.abs(number) < MOST_EXACT) {
      return String.valueOf(number.longValue());
    }
    return value instanceof String ? "\"" + value + "\"" : value.toString();
  }

  private static String kind(Class<?> type) {
    if (type == ConfigFields.class) {
      return "an object";
    }
    if (type == List.class) {
      return "a list";
    }
    return type == Double.class ? "a number" : type == Boolean.class ? "true or false" : "a string";
  }

  /** Makes the exception that names a field and what is wrong with it. */
  public InvalidFileException problem(String field, String problem) {
    return new InvalidFileException(file, at + field, problem);
  }

  /**
   * Returns the text of a file, in UTF-8.
   *
   * @param fields numbers, strings, booleans, null, and lists and maps of these
   */
  public static byte[] render(Map<String, Object> fields) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DefaultIndenter indenter = new DefaultIndenter("  ", "\n");
    DefaultPrettyPrinter printer =
        new DefaultPrettyPrinter().withObjectIndenter(indenter).withArrayIndenter(indenter);
    try (JsonGenerator json = StrictJson.FACTORY.createGenerator(bytes)) {
      json.setPrettyPrinter(printer);
      writeFields(json, fields);
    } catch (IOException e) {
      throw new AssertionError("an array in memory does not fail", e);
    }
    bytes.write('\n');
    return bytes.toByteArray();
  }

  private static void writeFields(JsonGenerator json, Map<?, ?> fields) throws IOException {
    json.writeStartObject();
    for (Map.Entry<?, ?> field : fields.entrySet()) {
      json.writeFieldName((String) field.getKey());
      writeValue(json, field.getValue());
    }
    json.writeEndObject();
  }

  private static void writeValue(JsonGenerator json, Object value) throws IOException {
    if (value == null) {
      json.writeNull();
    } else if (value instanceof List<?> list) {
      json.writeStartArray();
      for (Object element : list) {
        writeValue(json, element);
      }
      json.writeEndArray();
    } else if (value instanceof Map<?, ?> inner) {
      writeFields(json, inner);
    } else if (value instanceof String text) {
      json.writeString(text);
    } else if (value instanceof Boolean flag) {
      json.writeBoolean(flag);
    } else if (value instanceof Integer number) {
      json.writeNumber(number);
    } else if (value instanceof Long number) {
      json.writeNumber(number);
    } else if (value instanceof Float number) {
      json.writeNumber(number);
    } else if (value instanceof Double number) {
      json.writeNumber(number);
    } else {
      throw new IllegalArgumentException(value + " cannot be written");
    }
  }
}
