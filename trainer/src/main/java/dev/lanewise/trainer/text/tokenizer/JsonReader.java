package dev.lanewise.trainer.text.tokenizer;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.lanewise.model.io.RegularFile;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Reads a tokenizer's file as if an enemy wrote it: bounded in size and depth, strict UTF-8, no
 * duplicate keys. Every problem is an {@link InvalidTokenizerException} that names the file and the
 * field.
 */
public final class JsonReader implements Closeable {

  private static final int MAX_FILE_BYTES = 1 << 24;
  private static final int MAX_TEXT_CHARS = 1 << 13;
  private static final int MAX_DEPTH = 32;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxStringLength(MAX_TEXT_CHARS)
                  .maxNameLength(MAX_TEXT_CHARS)
                  .maxNumberLength(100)
                  .build())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          // Its table of names is shared by all parsers, and a vocabulary's names come only once.
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .build();

  private final Path file;
  private final JsonParser parser;

  private JsonReader(Path file, JsonParser parser) {
    this.file = file;
    this.parser = parser;
  }

  public static JsonReader open(Path file) throws IOException {
    return new JsonReader(file, JSON.createParser(readText(file)));
  }

  /** The whole of a text file. */
  public static String readText(Path file) throws IOException {
    RegularFile.require(file, problem -> new InvalidTokenizerException(file, "", problem));
    byte[] bytes;
    try (InputStream in = Files.newInputStream(file)) {
      bytes = in.readNBytes(MAX_FILE_BYTES + 1);
    } catch (NoSuchFileException e) {
      throw new InvalidTokenizerException(file, "", "the file is missing", e);
    }
    if (bytes.length > MAX_FILE_BYTES) {
      throw new InvalidTokenizerException(
          file, "", "more than %d bytes; a tokenizer file has less".formatted(MAX_FILE_BYTES));
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new InvalidTokenizerException(file, "", "not valid UTF-8", e);
    }
  }

  public InvalidTokenizerException problem(String field, String problem) {
    return new InvalidTokenizerException(file, field, problem);
  }

  JsonToken next(String field) throws IOException {
    try {
      return parser.nextToken();
    } catch (JsonProcessingException e) {
      throw new InvalidTokenizerException(
          file, field, "not valid JSON: " + reason(e) + " at " + at(e), e);
    }
  }

  /** Jackson's words without its own account of the place. */
  private static String reason(JsonProcessingException e) {
    return e.getOriginalMessage().replaceAll(" \\([^()]*\\[Source: .*\\)", "");
  }

  private static String at(JsonProcessingException e) {
    return e.getLocation() == null
        ? "an unknown place"
        : "line " + e.getLocation().getLineNr() + ", column " + e.getLocation().getColumnNr();
  }

  /** Moves on, to the beginning of an object. */
  void expectObject(String field) throws IOException {
    expect(next(field), JsonToken.START_OBJECT, field, "an object");
  }

  /** Moves on, to the beginning of an array. */
  void expectArray(String field) throws IOException {
    expect(next(field), JsonToken.START_ARRAY, field, "an array");
  }

  private void expect(JsonToken found, JsonToken wanted, String field, String name)
      throws IOException {
    if (found != wanted) {
      throw problem(field, "expected " + name + ", found " + describe(found));
    }
  }

  private static String describe(JsonToken found) {
    return found == null ? "the end of the file" : found.name();
  }

  /** Moves on inside an object: the name of the next field, or null at the object's end. */
  String nextName(String field) throws IOException {
    JsonToken token = next(field);
    if (token == JsonToken.END_OBJECT) {
      return null;
    }
    expect(token, JsonToken.FIELD_NAME, field, "a field");
    return text(field);
  }

  String text(String field) throws IOException {
    try {
      return parser.getText();
    } catch (JsonProcessingException e) {
      throw new InvalidTokenizerException(file, field, "not valid JSON: " + reason(e), e);
    }
  }

  String nextString(String field) throws IOException {
    expect(next(field), JsonToken.VALUE_STRING, field, "a string");
    return text(field);
  }

  /** A string or null. */
  String nextStringOrNull(String field) throws IOException {
    JsonToken token = next(field);
    if (token == JsonToken.VALUE_NULL) {
      return null;
    }
    expect(token, JsonToken.VALUE_STRING, field, "a string or null");
    return text(field);
  }

  /** An integer in 0..limit-1. */
  int nextId(String field, int limit) throws IOException {
    expect(next(field), JsonToken.VALUE_NUMBER_INT, field, "an integer");
    try {
      int id = parser.getIntValue();
      if (id >= 0 && id < limit) {
        return id;
      }
    } catch (JsonProcessingException e) {
      throw new InvalidTokenizerException(file, field, "not a usable integer: " + reason(e), e);
    }
    throw problem(field, "an id has to be in 0 to " + (limit - 1));
  }

  boolean nextBoolean(String field) throws IOException {
    JsonToken token = next(field);
    if (token != JsonToken.VALUE_TRUE && token != JsonToken.VALUE_FALSE) {
      throw problem(field, "expected true or false, found " + describe(token));
    }
    return token == JsonToken.VALUE_TRUE;
  }

  /** Moves over the next value, whatever it is. */
  void skip(String field) throws IOException {
    int depth = 0;
    do {
      JsonToken token = next(field);
      if (token == null) {
        throw problem(field, "the file ends inside");
      }
      if (token.isStructStart()) {
        depth++;
      } else if (token.isStructEnd()) {
        depth--;
      }
    } while (depth > 0);
  }

  /** The file has to end here. */
  public void expectEnd() throws IOException {
    if (next("") != null) {
      throw problem("", "there is more after the end of the JSON object");
    }
  }

  @Override
  public void close() throws IOException {
    parser.close();
  }
}
