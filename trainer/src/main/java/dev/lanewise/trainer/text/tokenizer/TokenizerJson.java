package dev.lanewise.trainer.text.tokenizer;

import com.fasterxml.jackson.core.JsonToken;
import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.model.io.RegularFile;
import dev.lanewise.model.io.StrictJson;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a Hugging Face {@code tokenizer.json} says, as far as Lanewise asks: the vocabulary, the
 * merges, and settings by their path in the file, such as {@code pre_tokenizer.type}. Read in one
 * pass, nothing is interpreted yet.
 */
public final class TokenizerJson {

  public static final String FILE = "tokenizer.json";

  /** The vocabulary of byte pairs in a file of its own, beside {@link #FILE} or instead of it. */
  public static final String VOCABULARY_FILE = "vocab.json";

  /** The merges of byte pairs in a file of their own. */
  public static final String MERGES_FILE = "merges.txt";

  /** Beside {@link #FILE}: which token has which role. */
  public static final String CONFIGURATION_FILE = "tokenizer_config.json";

  /** The most that a file of a tokenizer can have. */
  public static final int MAX_BYTES = 1 << 26;

  private static final String VOCABULARY = "model.vocab";
  private static final String MERGES = "model.merges";
  private static final String TYPE_OF_MERGES = "BPE";
  private static final String ADDED = "added_tokens";
  private static final int MAX_SETTINGS = 1000;
  private static final int MAX_ADDED = 1 << 14;
  private static final int MAX_ADDED_CHARACTERS = 1 << 20;

  /** Llama 3 has two merges for most tokens. */
  private static final int MAX_MERGES = 1 << 20;

  private final Path file;
  private final SortedMap<String, String> settings = new TreeMap<>();
  private final Map<Integer, AddedToken> addedTokens = new TreeMap<>();
  private final List<AddedToken> addedInOrder = new ArrayList<>();
  private final List<String[]> merges = new ArrayList<>();
  private byte[] text;
  private int addedCharacters;
  private Vocabulary vocabulary;

  private TokenizerJson(Path file) {
    this.file = file;
  }

  public static TokenizerJson read(Path file) throws IOException {
    TokenizerJson parsed = new TokenizerJson(file);
    parsed.text = RegularFile.read(file, MAX_BYTES);
    try (StrictJson json = new StrictJson(file, new ByteArrayInputStream(parsed.text))) {
      json.expectObject("");
      parsed.readFields(json, "");
      json.expectEnd();
    }
    if (parsed.vocabulary == null) {
      throw parsed.problem(VOCABULARY, "missing");
    }
    return parsed;
  }

  /** The {@code eos_token} of a {@value #CONFIGURATION_FILE}; empty if it has none. */
  public static String readEndToken(Path file) throws IOException {
    return readText(file, "eos_token");
  }

  /**
   * A string of a {@value #CONFIGURATION_FILE}, or the content of a token; empty if it has none.
   */
  static String readText(Path file, String field) throws IOException {
    TokenizerJson parsed = new TokenizerJson(file);
    try (StrictJson json = StrictJson.open(file, MAX_BYTES)) {
      json.expectObject("");
      for (String name = json.nextName(""); name != null; name = json.nextName("")) {
        if (name.equals(field)) {
          parsed.readSetting(json, json.next(name), name);
        } else {
          json.skip(name);
        }
      }
      json.expectEnd();
    }
    return parsed.settings.getOrDefault(field, parsed.setting(field + ".content"));
  }

  private void readFields(StrictJson json, String parent) throws IOException {
    for (String name = json.nextName(parent); name != null; name = json.nextName(parent)) {
      String path = parent.isEmpty() ? name : parent + "." + name;
      switch (path) {
        case VOCABULARY -> vocabulary = Vocabulary.read(json, path);
        case MERGES -> readMerges(json);
        case ADDED -> readAddedTokens(json);
        default -> readSetting(json, json.next(path), path);
      }
    }
  }

  private void readSetting(StrictJson json, JsonToken token, String path) throws IOException {
    if (token == JsonToken.START_OBJECT) {
      readFields(json, path);
    } else if (token == JsonToken.START_ARRAY) {
      int index = 0;
      for (JsonToken next = json.next(path); next != JsonToken.END_ARRAY; next = json.next(path)) {
        readSetting(json, next, path + "[" + index++ + "]");
      }
    } else if (token == null) {
      throw problem(path, "the file ends inside");
    } else if (token != JsonToken.VALUE_NULL) {
      if (settings.size() == MAX_SETTINGS) {
        throw problem(path, "more than " + MAX_SETTINGS + " settings");
      }
      settings.put(path, json.text(path));
    }
  }

  /** Each merge is two tokens, in an array or in one string with a space between. */
  private void readMerges(StrictJson json) throws IOException {
    json.expectArray(MERGES);
    for (JsonToken token = json.next(MERGES);
        token != JsonToken.END_ARRAY;
        token = json.next(MERGES)) {
      String field = MERGES + "[" + merges.size() + "]";
      if (merges.size() == MAX_MERGES) {
        throw problem(field, "too many merges");
      }
      if (token == JsonToken.START_ARRAY) {
        merges.add(new String[] {json.nextString(field), json.nextString(field)});
        if (json.next(field) != JsonToken.END_ARRAY) {
          throw problem(field, "a merge has two tokens");
        }
      } else if (token == JsonToken.VALUE_STRING) {
        merges.add(splitMerge(file, field, json.text(field)));
      } else {
        throw problem(field, "a merge is a string or an array");
      }
    }
  }

  public static String[] splitMerge(Path file, String field, String merge)
      throws InvalidFileException {
    int space = merge.indexOf(' ');
    if (space < 1 || space == merge.length() - 1 || merge.indexOf(' ', space + 1) >= 0) {
      throw new InvalidFileException(file, field, "a merge is two tokens with one space between");
    }
    return new String[] {merge.substring(0, space), merge.substring(space + 1)};
  }

  private void readAddedTokens(StrictJson json) throws IOException {
    JsonToken token = json.next(ADDED);
    if (token == JsonToken.VALUE_NULL) {
      return;
    }
    if (token != JsonToken.START_ARRAY) {
      throw problem(ADDED, "expected an array");
    }
    for (token = json.next(ADDED); token != JsonToken.END_ARRAY; token = json.next(ADDED)) {
      String field = ADDED + "[" + addedTokens.size() + "]";
      if (token != JsonToken.START_OBJECT) {
        throw problem(field, "expected an object");
      }
      if (addedTokens.size() == MAX_ADDED) {
        throw problem(field, "more than " + MAX_ADDED + " added tokens");
      }
      readAddedToken(json, field);
    }
  }

  private void readAddedToken(StrictJson json, String field) throws IOException {
    int id = -1;
    String content = null;
    boolean special = false;
    boolean before = false;
    boolean after = false;
    boolean singleWord = false;
    Boolean normalized = null;
    for (String name = json.nextName(field); name != null; name = json.nextName(field)) {
      String path = field + "." + name;
      switch (name) {
        case "id" -> id = json.nextId(path, Tokenizer.MAX_VOCABULARY);
        case "content" -> content = json.nextString(path);
        case "special" -> special = json.nextBoolean(path);
        case "lstrip" -> before = json.nextBoolean(path);
        case "normalized" -> normalized = json.nextBoolean(path);
        case "rstrip" -> after = json.nextBoolean(path);
        case "single_word" -> singleWord = json.nextBoolean(path);
        default -> json.skip(path);
      }
    }
    if (id < 0 || content == null || content.isEmpty()) {
      throw problem(field, "an added token has an id and a content");
    }
    addedCharacters += content.length();
    if (addedCharacters > MAX_ADDED_CHARACTERS) {
      throw problem(field, "the added tokens are too long");
    }
    boolean sought = normalized == null ? !special : normalized;
    AddedToken token = new AddedToken(id, content, special, before, after, sought, singleWord);
    addedInOrder.add(token);
    if (addedTokens.put(id, token) != null) {
      throw problem(field, "id " + id + " is there twice");
    }
  }

  public Path file() {
    return file;
  }

  /** The file as it stands. */
  public byte[] text() {
    return text.clone();
  }

  public Vocabulary vocabulary() {
    return vocabulary;
  }

  /** Pairs of tokens in the order of the merges. */
  public List<String[]> merges() {
    return merges;
  }

  /** The added tokens by id. */
  public Map<Integer, AddedToken> addedTokens() {
    return addedTokens;
  }

  /** The added tokens as the file lists them. */
  public List<AddedToken> addedInOrder() {
    return addedInOrder;
  }

  /** A setting by its path; empty if it is null or not there. */
  public String setting(String path) {
    return settings.getOrDefault(path, "");
  }

  /** A setting that is true or false. */
  public boolean flag(String path, boolean otherwise) throws InvalidFileException {
    require(path, "true", "false", "");
    String value = setting(path);
    return value.isEmpty() ? otherwise : Boolean.parseBoolean(value);
  }

  /** All settings of an object, by their paths. */
  public SortedMap<String, String> settingsUnder(String path) {
    // '/' is the character after '.'.
    return settings.subMap(path + ".", path + "/");
  }

  /**
   * The paths of the steps at a path, in their order: of one, or of a sequence whose steps may be
   * sequences again.
   *
   * @param members the name of the array that a sequence has its steps in
   */
  public List<String> steps(String path, String members) {
    if (!setting(path + ".type").equals("Sequence")) {
      return List.of(path);
    }
    List<String> steps = new ArrayList<>();
    String step = path + "." + members + "[0]";
    for (int i = 1; !settingsUnder(step).isEmpty(); i++) {
      steps.addAll(steps(step, members));
      step = path + "." + members + "[" + i + "]";
    }
    return steps;
  }

  /** The kind of model. Old files, GPT-2's among them, do not name it where there are merges. */
  public String modelType() {
    String type = setting("model.type");
    return type.isEmpty() && !merges.isEmpty() ? TYPE_OF_MERGES : type;
  }

  /**
   * A setting that Lanewise knows only some values of; the empty string stands for a setting that
   * is null or not there.
   *
   * @throws InvalidFileException when it has another value
   */
  public void require(String path, String... allowed) throws InvalidFileException {
    String value = settings.getOrDefault(path, "");
    if (!Set.of(allowed).contains(value)) {
      throw problem(
          path,
          "\"%s\" is not supported; possible is %s"
              .formatted(value, String.join(" or ", quoted(allowed))));
    }
  }

  private static List<String> quoted(String... values) {
    List<String> quoted = new ArrayList<>();
    for (String value : values) {
      quoted.add(value.isEmpty() ? "null" : "\"" + value + "\"");
    }
    return quoted;
  }

  public InvalidFileException problem(String field, String problem) {
    return new InvalidFileException(file, field, problem);
  }
}
