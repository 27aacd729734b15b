package dev.lanewise.model.io;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The fields of a {@code config.json}, asked for by name and type. A missing field, or one that is
 * null, has the value that the asker gives. Lists and objects inside are passed over.
 */
public final class ConfigFields {

  private static final int MOST_BYTES = 1 << 20;

  private final Path file;
  private final Map<String, Object> fields = new HashMap<>();

  private ConfigFields(Path file) {
    this.file = file;
  }

  /**
   * Reads a file.
   *
   * @throws InvalidFileException if it is missing or malformed
   */
  public static ConfigFields read(Path file) throws IOException {
    SafetensorsFile.requireRegularFile(file);
    byte[] bytes;
    try (InputStream in = Files.newInputStream(file)) {
      bytes = in.readNBytes(MOST_BYTES + 1);
    }
    if (bytes.length > MOST_BYTES) {
      throw new InvalidFileException(file, "", "has more than " + MOST_BYTES + " bytes");
    }
    ConfigFields config = new ConfigFields(file);
    config.readFields(bytes);
    return config;
  }

  private void readFields(byte[] bytes) throws IOException {
    try (StrictJson json = new StrictJson(file, new ByteArrayInputStream(bytes))) {
      json.expectObject("");
      for (String name = json.nextName(""); name != null; name = json.nextName("")) {
        JsonToken token = json.next(name);
        if (token.isStructStart()) {
          json.guarded(name, json.parser()::skipChildren);
        } else {
          fields.put(name, scalar(json, name, token));
        }
      }
      json.expectEnd();
    }
  }

  private static Object scalar(StrictJson json, String name, JsonToken token) throws IOException {
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
      throw problem(name, value + " is not an integer from 1 to " + most);
    }
    return (int) value;
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
          "expected %s, found %s"
              .formatted(kind(type), InvalidFileException.quote(value.toString())));
    }
    return type.cast(value);
  }

  private static String kind(Class<?> type) {
    return type == Double.class ? "a number" : type == Boolean.class ? "true or false" : "a string";
  }

  /** Makes the exception that names a field and what is wrong with it. */
  public InvalidFileException problem(String field, String problem) {
    return new InvalidFileException(file, field, problem);
  }

  /**
   * Returns the text of a file, in UTF-8.
   *
   * @param fields numbers, strings, booleans, null, and lists of strings
   */
  public static byte[] render(Map<String, Object> fields) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DefaultIndenter indenter = new DefaultIndenter("  ", "\n");
    DefaultPrettyPrinter printer =
        new DefaultPrettyPrinter().withObjectIndenter(indenter).withArrayIndenter(indenter);
    try (JsonGenerator json = StrictJson.FACTORY.createGenerator(bytes)) {
      json.setPrettyPrinter(printer);
      json.writeStartObject();
      for (Map.Entry<String, Object> field : fields.entrySet()) {
        json.writeFieldName(field.getKey());
        writeValue(json, field.getValue());
      }
      json.writeEndObject();
    } catch (IOException e) {
      throw new AssertionError("an array in memory does not fail", e);
    }
    bytes.write('\n');
    return bytes.toByteArray();
  }

  private static void writeValue(JsonGenerator json, Object value) throws IOException {
    if (value == null) {
      json.writeNull();
    } else if (value instanceof List<?> list) {
      json.writeStartArray();
      for (Object element : list) {
        json.writeString((String) element);
      }
      json.writeEndArray();
    } else if (value instanceof String text) {
      json.writeString(text);
    } else if (value instanceof Boolean flag) {
      json.writeBoolean(flag);
    } else if (value instanceof Integer number) {
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
