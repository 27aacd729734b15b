package dev.lanewise.model.io;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/** Writes JSON objects in UTF-8; the same bytes on every platform. */
public final class JsonText {

  /** Writes the fields of an object that has been begun. */
  @FunctionalInterface
  public interface Fields {
    /** Writes them. */
    void write(JsonGenerator json) throws IOException;
  }

  private JsonText() {}

  /** Returns an object for people: a field to a line, and a line feed at the end. */
  public static byte[] indented(Fields fields) {
    DefaultIndenter indenter = new DefaultIndenter("  ", "\n");
    return render(
        new DefaultPrettyPrinter().withObjectIndenter(indenter).withArrayIndenter(indenter),
        fields,
        "\n");
  }

  /** Returns an object on one line, without a line feed. */
  public static byte[] compact(Fields fields) {
    return render(null, fields, "");
  }

  /** Returns a list of strings on one line, and a line feed. */
  public static byte[] list(List<String> strings) {
    return render(
        json -> {
          json.writeStartArray();
          for (String string : strings) {
            json.writeString(string);
          }
          json.writeEndArray();
          json.writeRaw('\n');
        });
  }

  private static byte[] render(DefaultPrettyPrinter printer, Fields fields, String end) {
    return render(
        json -> {
          if (printer != null) {
            json.setPrettyPrinter(printer);
          }
          json.writeStartObject();
          fields.write(json);
          json.writeEndObject();
          json.writeRaw(end);
        });
  }

  private static byte[] render(Fields text) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = StrictJson.FACTORY.createGenerator(bytes, JsonEncoding.UTF8)) {
      text.write(json);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }
}
