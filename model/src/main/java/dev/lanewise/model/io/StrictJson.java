package dev.lanewise.model.io;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.ByteArrayInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.math.BigInteger;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads JSON as if an enemy wrote it: strict UTF-8, no duplicate names, bounded depth, strings and
 * numbers, and never the whole text in memory. Every problem is an {@link InvalidFileException}
 * that names the file and the field.
 */
public final class StrictJson implements Closeable {

  private static final int DEEPEST = 32;
  private static final int LONGEST_NAME = 4096;
  private static final int LONGEST_STRING = 1 << 24;
  private static final int LONGEST_NUMBER = 64;

  static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(DEEPEST)
                  .maxNameLength(LONGEST_NAME)
                  .maxStringLength(LONGEST_STRING)
                  .maxNumberLength(LONGEST_NUMBER)
                  .build())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          // The table of names is shared by all parsers, and the names of tensors come only once.
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .build();

  private final Path file;
  private final JsonParser parser;

  /**
   * Reads a stream to its end.
   *
   * @param file for messages
   */
  public StrictJson(Path file, InputStream in) throws IOException {
    this.file = file;
    // Jackson's own decoder lets some malformed UTF-8 pass.
    var decoder =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    this.parser = FACTORY.createParser(new InputStreamReader(in, decoder));
  }

  /**
   * Opens a file.
   *
   * @param most bytes that it may have
   */
  public static StrictJson open(Path file, int most) throws IOException {
    return new StrictJson(file, new ByteArrayInputStream(RegularFile.read(file, most)));
  }

  /** Reads a text that is one object without lists. */
  public static JsonObject parse(Path file, byte[] text) throws IOException {
    try (StrictJson json = new StrictJson(file, new ByteArrayInputStream(text))) {
      json.expectObject("");
      JsonObject object = new JsonObject(file, "", json.readFields(""));
      json.expectEnd();
      return object;
    }
  }

  private Map<String, Object> readFields(String at) throws IOException {
    Map<String, Object> fields = new LinkedHashMap<>();
    for (String name = nextName(at); name != null; name = nextName(at)) {
      String field = at.isEmpty() ? name : at + "." + name;
      fields.put(name, readValue(field, next(field)));
    }
    return fields;
  }

  private Object readValue(String field, JsonToken token) throws IOException {
    return guarded(
        field,
        () ->
            switch (token) {
              case VALUE_STRING -> parser.getText();
              case VALUE_TRUE, VALUE_FALSE -> token == JsonToken.VALUE_TRUE;
              case VALUE_NUMBER_INT -> integer();
              case VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
              case VALUE_NULL -> null;
              case START_OBJECT -> new JsonObject(file, field, readFields(field));
              default -> throw problem(field, "a list is not expected here");
            });
  }

  /** A Long, or a BigInteger where that is too short. */
  private Number integer() throws IOException {
    Number value = parser.getNumberValue();
    return value instanceof BigInteger ? value : (Long) value.longValue();
  }

  /** Jackson's parser, for {@link #guarded}. */
  JsonParser parser() {
    return parser;
  }

  /** Makes the exception for a field that cannot be used. */
  public InvalidFileException problem(String field, String problem) {
    return new InvalidFileException(file, field, problem);
  }

  /** A use of the parser. */
  @FunctionalInterface
  interface Use<T> {
    T get() throws IOException;
  }

  /** Translates what the parser throws. */
  <T> T guarded(String field, Use<T> use) throws IOException {
    try {
      return use.get();
    } catch (JsonProcessingException e) {
      throw new InvalidFileException(file, nearest(field), JsonMistake.describe(e), e);
    } catch (CharacterCodingException e) {
      throw new InvalidFileException(file, field, "not valid UTF-8", e);
    }
  }

  /** Jackson looks at a value as soon as it has its name, so the name may be known only to it. */
  private String nearest(String field) throws IOException {
    String name = parser.currentName();
    return field.isEmpty() && name != null ? name : field;
  }

  /** Moves on; null at the end. */
  public JsonToken next(String field) throws IOException {
    return guarded(field, parser::nextToken);
  }

  private void expect(JsonToken found, JsonToken wanted, String field, String name)
      throws IOException {
    if (found != wanted) {
      throw problem(field, "expected " + name + ", found " + JsonMistake.nameOf(found));
    }
  }

  /** Moves on, to the beginning of an object. */
  public void expectObject(String field) throws IOException {
    expect(next(field), JsonToken.START_OBJECT, field, "an object");
  }

  /** Moves on, to the beginning of an array. */
  public void expectArray(String field) throws IOException {
    expect(next(field), JsonToken.START_ARRAY, field, "an array");
  }

  /** Moves on inside an object: the name of the next field, or null at the object's end. */
  public String nextName(String field) throws IOException {
    JsonToken token = next(field);
    if (token == JsonToken.END_OBJECT) {
      return null;
    }
    expect(token, JsonToken.FIELD_NAME, field, "a field");
    return guarded(field, parser::getText);
  }

  /** The text of the value or name that was moved to last. */
  public String text(String field) throws IOException {
    return guarded(field, parser::getText);
  }

  /** Moves on, to a string. */
  public String nextString(String field) throws IOException {
    expect(next(field), JsonToken.VALUE_STRING, field, "a string");
    return text(field);
  }

  /** Moves on, to an integer in 0..limit-1. */
  public int nextId(String field, int limit) throws IOException {
    expect(next(field), JsonToken.VALUE_NUMBER_INT, field, "an integer");
    int id = guarded(field, parser::getIntValue);
    if (id < 0 || id >= limit) {
      throw problem(field, "an id has to be in 0 to " + (limit - 1));
    }
    return id;
  }

  /** Moves on, over the rest of the text, which is a list of strings. */
  public List<String> strings() throws IOException {
    List<String> strings = new ArrayList<>();
    expectArray("");
    for (JsonToken token = next(""); token != JsonToken.END_ARRAY; token = next("")) {
      String field = "[" + strings.size() + "]";
      expect(token, JsonToken.VALUE_STRING, field, "a string");
      strings.add(text(field));
    }
    expectEnd();
    return strings;
  }

  /** Moves over the next value, whatever it is. */
  public void skip(String field) throws IOException {
    next(field);
    skipChildren(field);
  }

  /** Moves over the rest of the value that was moved to last. */
  void skipChildren(String field) throws IOException {
    guarded(field, parser::skipChildren);
  }

  /** Moves over the whole text, which has to be one object. */
  void skipObject() throws IOException {
    expectObject("");
    skipChildren("");
    expectEnd();
  }

  /** Moves on, to true or false. */
  public boolean nextBoolean(String field) throws IOException {
    JsonToken token = next(field);
    if (token != JsonToken.VALUE_TRUE && token != JsonToken.VALUE_FALSE) {
      throw problem(field, "expected true or false, found " + JsonMistake.nameOf(token));
    }
    return token == JsonToken.VALUE_TRUE;
  }

  /** Moves on inside an array: an integer from 0 to 2^63 - 1, or -1 at the array's end. */
  long nextSize(String field) throws IOException {
    JsonToken token = next(field);
    if (token == JsonToken.END_ARRAY) {
      return -1;
    }
    expect(token, JsonToken.VALUE_NUMBER_INT, field, "an integer");
    long size = guarded(field, parser::getLongValue);
    if (size < 0) {
      throw problem(field, "is negative: " + size);
    }
    return size;
  }

  /** The text has to end here, but for white space. */
  public void expectEnd() throws IOException {
    if (next("") != null) {
      throw problem("", "there is more after the JSON object");
    }
  }

  @Override
  public void close() throws IOException {
    parser.close();
  }
}
