package dev.lanewise.trainer.settings;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import com.fasterxml.jackson.dataformat.yaml.snakeyaml.error.Mark;
import com.fasterxml.jackson.dataformat.yaml.snakeyaml.error.MarkedYAMLException;
import dev.lanewise.model.io.RegularFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * Reads settings from YAML: a flat list of {@code key: value}, nothing nested, no aliases, no key
 * twice. Goes through the file as a stream of events, so a hostile file cannot grow in memory, and
 * every error knows its line. All limits are its own: SnakeYAML's on depth, aliases and repeated
 * keys act where it builds objects, which it is not asked to do.
 */
public final class ConfigYaml {

  static final int MAX_BYTES = 1 << 16;

  private static final YAMLFactory FACTORY = new YAMLFactory();

  private static final JsonLocation BEGINNING = new JsonLocation(null, 0, 1, 1);

  /** Words for a part of what the parser says; the first that is in it counts. */
  private static final Map<String, String> WORDS =
      words(
          "(TAB)", "a tab, which YAML does not take there; use spaces",
          "mapping values are not allowed", "a second colon in a line; put the value in quotes",
          "unexpected end of stream", "the file ends inside a value; a quote may be missing",
          "could not find expected ':'", "a key without a colon behind it",
          "unknown escape character", "a backslash before a letter that it does not go with",
          "special characters are not allowed", "a control character",
          "expected <block end>",
              "a line that is indented otherwise than the first, or a quote"
                  + " that ends before its line does",
          "cannot start any token",
              "a value that begins with a special character; put it in" + " quotes");

  private final String name;
  private ConfigLayer layer = ConfigLayer.empty();

  private ConfigYaml(String name) {
    this.name = name;
  }

  /**
   * Reads a file; it need not have every setting.
   *
   * @throws InvalidConfigException that names the file, the line, and what is wrong
   * @throws IOException if the file cannot be read
   */
  public static ConfigLayer read(Path file) throws IOException {
    RegularFile.require(file, problem -> new InvalidConfigException(file + ": " + problem));
    byte[] bytes;
    try (InputStream in = RegularFile.open(file)) {
      bytes = in.readNBytes(MAX_BYTES + 1);
    } catch (NoSuchFileException e) {
      throw new InvalidConfigException(file + ": no such file", e);
    }
    return read(file.toString(), bytes);
  }

  /** As {@link #read(Path)}, with a name for messages. */
  static ConfigLayer read(String name, byte[] bytes) throws IOException {
    if (bytes.length > MAX_BYTES) {
      throw new InvalidConfigException(
          "%s: longer than %d bytes, which no configuration is".formatted(name, MAX_BYTES));
    }
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new InvalidConfigException(name + ": not text in UTF-8", e);
    }
    ConfigYaml reader = new ConfigYaml(name);
    try (YAMLParser parser = FACTORY.createParser(text)) {
      reader.readDocument(parser);
    } catch (JsonProcessingException e) {
      throw new InvalidConfigException("%s:%s".formatted(name, describe(e)), e);
    }
    return reader.layer;
  }

  /**
   * Says where and what. The whole message of the parser also quotes the file, which is neither.
   */
  // The class that replaces the deprecated one has nothing but that message.
  @SuppressWarnings("deprecation")
  private static String describe(JsonProcessingException problem) {
    if (problem instanceof MarkedYAMLException marked) {
      Mark mark = marked.getProblemMark();
      return describe(mark.getLine() + 1, mark.getColumn() + 1, marked.getProblem());
    }
    JsonLocation known = Objects.requireNonNullElse(problem.getLocation(), BEGINNING);
    return describe(known.getLineNr(), known.getColumnNr(), problem.getOriginalMessage());
  }

  /** What the parser says is for who knows it, so each of its complaints has words of ours. */
  private static String describe(int line, int column, String problem) {
    String words =
        WORDS.entrySet().stream()
            .filter(each -> problem.contains(each.getKey()))
            .findFirst()
            .map(Map.Entry::getValue)
            .orElse("expected lines of the form \"key: value\"");
    return "%d:%d: not valid YAML: %s".formatted(line, column, words);
  }

  private static Map<String, String> words(String... pairs) {
    Map<String, String> words = new LinkedHashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      words.put(pairs[i], pairs[i + 1]);
    }
    return words;
  }

  private void readDocument(YAMLParser parser) throws IOException {
    JsonToken first = parser.nextToken();
    if (first == null) {
      return;
    }
    if (first != JsonToken.START_OBJECT) {
      throw problem(parser, "expected lines of the form \"key: value\"");
    }
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      readSetting(parser);
    }
    if (parser.nextToken() != null) {
      throw problem(parser, "there is a second document; a configuration is one");
    }
  }

  private void readSetting(YAMLParser parser) throws IOException {
    String name = parser.currentName();
    ConfigKey key =
        ConfigKey.find(name)
            .orElseThrow(
                () ->
                    problem(
                        parser,
                        "unknown key \"%s\"; did you mean \"%s\"?"
                            .formatted(shorten(name), ConfigKey.nearest(name).key())));
    if (layer.value(key).isPresent()) {
      throw problem(parser, "\"" + key.key() + "\" is there twice; remove one");
    }
    JsonToken token = parser.nextToken();
    if (parser.isCurrentAlias()) {
      throw problem(parser, "\"" + key.key() + "\" is an alias; write the value itself");
    }
    boolean nothing = key.type() != ConfigType.TEXT && parser.getText().isEmpty();
    if (token == JsonToken.VALUE_NULL || nothing) {
      throw problem(parser, "\"" + key.key() + "\" has no value");
    }
    if (!token.isScalarValue()) {
      throw problem(parser, "\"" + key.key() + "\" takes one value, not a list or a map");
    }
    try {
      layer = layer.with(key, key.type().parse(parser.getText()));
    } catch (IllegalArgumentException e) {
      throw problem(parser, key.key() + ": " + shorten(e.getMessage()));
    }
  }

  private InvalidConfigException problem(JsonParser parser, String problem) {
    int line = parser.currentTokenLocation().getLineNr();
    return new InvalidConfigException("%s:%d: %s".formatted(name, line, problem));
  }

  private static String shorten(String text) {
    return text.length() <= 100 ? text : text.substring(0, 100) + "...";
  }
}
