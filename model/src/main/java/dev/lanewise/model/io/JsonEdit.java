package dev.lanewise.model.io;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonToken;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Changes fields of a JSON object and keeps the rest: their order, and numbers to the digit. */
public final class JsonEdit {

  private JsonEdit() {}

  /**
   * Returns an object with some fields that are strings, in their place if they are there, else at
   * the end.
   *
   * @param file for messages
   * @throws InvalidFileException if the text is not one object
   */
  public static byte[] withStrings(byte[] text, Path file, Map<String, String> strings)
      throws IOException {
    // Read to the end before anything is written: JsonText cannot fail with a cause of the file's.
    try (StrictJson json = new StrictJson(file, new ByteArrayInputStream(text))) {
      json.skipObject();
    }
    return JsonText.indented(
        out -> {
          Map<String, String> left = new LinkedHashMap<>(strings);
          try (StrictJson json = new StrictJson(file, new ByteArrayInputStream(text))) {
            json.expectObject("");
            for (String name = json.nextName(""); name != null; name = json.nextName("")) {
              String replacement = left.remove(name);
              JsonToken token = json.next(name);
              if (replacement == null) {
                out.writeFieldName(name);
                copy(json, name, token, out);
              } else {
                json.skipChildren(name);
                out.writeStringField(name, replacement);
              }
            }
          }
          for (Map.Entry<String, String> field : left.entrySet()) {
            out.writeStringField(field.getKey(), field.getValue());
          }
        });
  }

  private static void copy(StrictJson json, String field, JsonToken token, JsonGenerator out)
      throws IOException {
    switch (token) {
      case START_OBJECT -> {
        out.writeStartObject();
        for (String name = json.nextName(field); name != null; name = json.nextName(field)) {
          out.writeFieldName(name);
          copy(json, field + "." + name, json.next(name), out);
        }
        out.writeEndObject();
      }
      case START_ARRAY -> {
        out.writeStartArray();
        for (JsonToken next = json.next(field);
            next != JsonToken.END_ARRAY;
            next = json.next(field)) {
          copy(json, field, next, out);
        }
        out.writeEndArray();
      }
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> out.writeNumber(json.text(field));
      default -> out.copyCurrentEvent(json.parser());
    }
  }
}
