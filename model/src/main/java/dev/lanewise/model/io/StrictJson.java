package dev.lanewise.model.io;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Reads JSON as if an enemy wrote it: strict UTF-8, no duplicate names, bounded depth, strings and
 * numbers, and never the whole text in memory. Every problem is an {@link InvalidFileException}.
 */
final class StrictJson implements Closeable {

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

  StrictJson(Path file, InputStream in) throws IOException {
    this.file = file;
    // Jackson's own decoder lets some malformed UTF-8 pass.
    var decoder =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    this.parser = FACTORY.createParser(new InputStreamReader(in, decoder));
  }

  /** Jackson's parser, for {@link #guarded}. */
  JsonParser parser() {
    return parser;
  }

  InvalidFileException problem(String field, String problem) {
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
      String message = InvalidFileException.quote(e.getOriginalMessage());
      throw new InvalidFileException(file, nearest(field), "not valid JSON: " + message, e);
    } catch (CharacterCodingException e) {
      throw new InvalidFileException(file, field, "not valid UTF-8", e);
    }
  }

  /** Jackson looks at a value as soon as it has its name, so the name may be known only to it. */
  private String nearest(String field) throws IOException {
    String name = parser.currentName();
    return field.isEmpty() && name != null ? name : field;
  }

  JsonToken next(String field) throws IOException {
    return guarded(field, parser::nextToken);
  }

  private void expect(JsonToken found, JsonToken wanted, String field, String name)
      throws IOException {
    if (found != wanted) {
      String what = found == null ? "the end" : found.name();
      throw problem(field, "expected " + name + ", found " + what);
    }
  }

  /** Moves on, to the beginning of an object. */
  void expectObject(String field) throws IOException {
    expect(next(field), JsonToken.START_OBJECT, field, "an object");
  }

  /** Moves on, to the beginning of an array. */
  void expectArray(String field) throws IOException {
    expect(next(field), JsonToken.START_ARRAY, field, "an array");
  }

  /** Moves on inside an object: the name of the next field, or null at the object's end. */
  String nextName(String field) throws IOException {
    JsonToken token = next(field);
    if (token == JsonToken.END_OBJECT) {
      return null;
    }
    expect(token, JsonToken.FIELD_NAME, field, "a field");
    return guarded(field, parser::getText);
  }

  String nextString(String field) throws IOException {
    expect(next(field), JsonToken.VALUE_STRING, field, "a string");
    return guarded(field, parser::getText);
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
  void expectEnd() throws IOException {
    if (next("") != null) {
      throw problem("", "there is more after the JSON object");
    }
  }

  @Override
  public void close() throws IOException {
    parser.close();
  }
}
