package dev.lanewise.trainer.text.conversation;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.model.io.JsonMistake;
import dev.lanewise.model.io.RegularFile;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * Reads documents from a file with an object of JSON on each line, packed by gzip or not. Empty
 * lines are passed over.
 */
public final class JsonLines implements Closeable {
  private static final int LONGEST_LINE = 1 << 26;
  private static final int DEEPEST = 100;
  private static final int HEAD = 64;
  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(DEEPEST)
                  .maxStringLength(LONGEST_LINE)
                  .build())
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .build();

  private final Path file;
  private final InputStream in;
  private long number;

  /** Whether nothing more can be read, because the packed data is damaged. */
  private boolean ended;

  /**
   * A document and where it stands.
   *
   * @param number from 1
   */
  public record Line(Path file, long number, Document document) {

    /** Says of this line what an encoder found. */
    public InvalidFileException problem(InvalidDocumentException found) {
      return JsonLines.problem(file, number, found.field(), found.getMessage(), found);
    }
  }

  private JsonLines(Path file, InputStream in) {
    this.file = file;
    this.in = in;
  }

  /** Opens a file; whether it is packed its first bytes say, not its name. */
  public static JsonLines open(Path file) throws IOException {
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      // Opening a pipe that nobody writes to would wait for ever.
      throw new IOException(
          "%s: %s; name files of JSON Lines"
              .formatted(file, Files.isDirectory(file) ? "a folder" : "not a regular file"));
    }
    InputStream in = new BufferedInputStream(RegularFile.open(file), 1 << 16);
    try {
      in.mark(HEAD);
      byte[] head = in.readNBytes(HEAD);
      in.reset();
      RegularFile.requireNoPointer(file, head);
      boolean packed = head.length > 1 && head[0] == 0x1f && head[1] == (byte) 0x8b;
      return new JsonLines(
          file, packed ? new BufferedInputStream(new GZIPInputStream(in, 1 << 16), 1 << 16) : in);
    } catch (IOException | RuntimeException e) {
      in.close();
      throw e;
    }
  }

  /**
   * The next document, or null at the end.
   *
   * @throws InvalidFileException if the line is no document; it names line and field, and the next
   *     call goes on with the line after it. Behind damaged gzip data nothing comes
   */
  public Line next() throws IOException {
    while (true) {
      byte[] line = line();
      if (line == null) {
        return null;
      }
      number++;
      String text = text(line);
      if (!text.isBlank()) {
        return new Line(file, number, document(text));
      }
    }
  }

  private byte[] line() throws IOException {
    if (ended) {
      return null;
    }
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    try {
      for (int b = in.read(); b >= 0; b = in.read()) {
        if (b == '\n') {
          return line.toByteArray();
        }
        if (line.size() == LONGEST_LINE) {
          throw new InvalidFileException(
              file, "line " + (number + 1), "it has more than " + LONGEST_LINE + " bytes");
        }
        line.write(b);
      }
    } catch (ZipException e) {
      ended = true;
      throw new InvalidFileException(file, "line " + (number + 1), "the gzip data is damaged", e);
    } catch (EOFException e) {
      ended = true;
      throw new InvalidFileException(
          file, "line " + (number + 1), "the gzip data ends here; the file was cut short", e);
    }
    return line.size() == 0 ? null : line.toByteArray();
  }

  private String text(byte[] line) throws InvalidFileException {
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(line)).toString();
      return number == 1 && text.startsWith("\ufeff") ? text.substring(1) : text;
    } catch (CharacterCodingException e) {
      throw problem(file, number, "", "it is not valid UTF-8", e);
    }
  }

  private Document document(String text) throws IOException {
    Object value;
    try (JsonParser parser = FACTORY.createParser(text)) {
      parser.nextToken();
      value = value(parser, "");
      if (parser.nextToken() != null) {
        throw problem(file, number, "", "there is more after the JSON object", null);
      }
    } catch (JsonProcessingException e) {
      throw problem(file, number, "", JsonMistake.describe(e), e);
    }
    try {
      return Documents.of(value);
    } catch (InvalidDocumentException e) {
      throw problem(file, number, e.field(), e.getMessage(), e);
    }
  }

  private static InvalidFileException problem(
      Path file, long number, String field, String problem, Throwable cause) {
    return new InvalidFileException(
        file, "line " + number + (field.isEmpty() ? "" : ", " + field), problem, cause);
  }

  /**
   * Reads a value.
   *
   * @param field its place; empty for the whole line
   */
  private Object value(JsonParser parser, String field) throws IOException {
    JsonToken token = parser.currentToken();
    if (token == JsonToken.START_OBJECT) {
      return object(parser, field);
    }
    if (token == JsonToken.START_ARRAY) {
      List<Object> list = new ArrayList<>();
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        list.add(value(parser, field + "[" + list.size() + "]"));
      }
      return list;
    }
    if (parser.isNaN()) {
      throw problem(file, number, field, parser.getText() + " is no number of JSON", null);
    }
    return switch (token) {
      case VALUE_STRING -> parser.getText();
      case VALUE_TRUE, VALUE_FALSE -> token == JsonToken.VALUE_TRUE;
      case VALUE_NUMBER_INT -> parser.getNumberValue();
      case VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
      default -> null;
    };
  }

  /** Of the whole line, fields that are not read may be anything, and be there twice. */
  private Map<String, Object> object(JsonParser parser, String field) throws IOException {
    Map<String, Object> object = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      parser.nextToken();
      if (field.isEmpty() && !Documents.FIELDS.contains(name)) {
        parser.skipChildren();
        object.put(name, null);
        continue;
      }
      if (object.containsKey(name)) {
        throw problem(
            file,
            number,
            field,
            "not valid JSON: duplicate name \"%s\"".formatted(InvalidFileException.quote(name)),
            null);
      }
      object.put(name, value(parser, field.isEmpty() ? name : field + "." + name));
    }
    return object;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
