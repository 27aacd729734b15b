package dev.lanewise.trainer.export;

import dev.lanewise.model.io.ConfigFields;
import dev.lanewise.model.io.GgufValue;
import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.model.io.RegularFile;
import dev.lanewise.trainer.files.DurableFiles;
import dev.lanewise.trainer.text.TokenizerFolder;
import dev.lanewise.trainer.text.tokenizer.TokenizerJson;
import dev.lanewise.trainer.text.tokenizer.bytefallback.ByteTokens;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * The tokenizer of a folder as the metadata of a GGUF file: byte-level byte pairs, which llama.cpp
 * calls {@code gpt2}, and those of characters with byte fallback, which it calls {@code llama}.
 * What llama.cpp would read otherwise is refused by its place in the file.
 */
final class GgufTokenizer {

  private static final int MOST_BYTES = 1 << 26;
  private static final String TEMPLATE = "chat_template.jinja";

  /** A byte that no text in UTF-8 has, as byte-level vocabularies show it. */
  private static final String UNUSED_BYTE = "\u00ff";

  /** The same byte with byte fallback. */
  private static final String UNUSED_TOKEN = ByteTokens.name(0xFF);

  private static final int NORMAL = 1;
  private static final int UNKNOWN = 2;
  private static final int CONTROL = 3;
  private static final int USER_DEFINED = 4;
  private static final int UNUSED = 5;
  private static final int BYTE = 6;

  private final ConfigFields tokenizer;
  private final ConfigFields model;
  private final Consumer<String> notes;
  private final Map<String, GgufValue> metadata = new LinkedHashMap<>();
  private final Map<String, Integer> added = new LinkedHashMap<>();
  private final String[] tokens;
  private final int[] types;

  private GgufTokenizer(ConfigFields tokenizer, int rows, Consumer<String> notes)
      throws InvalidFileException {
    this.tokenizer = tokenizer;
    this.notes = notes;
    this.model = tokenizer.object("model");
    this.tokens = new String[rows];
    this.types = new int[rows];
    if (model == null) {
      throw tokenizer.problem("model", "missing");
    }
  }

  /**
   * Reads a tokenizer.
   *
   * @param rows ids that the model has, which may be more than the tokenizer has
   * @param notes is told what llama.cpp will not do
   * @throws InvalidFileException if there is none, or llama.cpp does not have such
   */
  static Map<String, GgufValue> read(Path folder, int rows, Consumer<String> notes)
      throws IOException {
    Path file = folder.resolve(TokenizerJson.FILE);
    if (Files.exists(file)) {
      return new GgufTokenizer(ConfigFields.read(file, MOST_BYTES), rows, notes).read(folder);
    }
    if (!Files.exists(folder.resolve(TokenizerJson.VOCABULARY_FILE))) {
      throw new InvalidFileException(
          file, "", "the file is missing, and llama.cpp opens no model without a tokenizer");
    }
    Path made = Files.createTempDirectory("lanewise-export");
    try {
      TokenizerFolder.load(folder).save(made);
      ConfigFields fields = ConfigFields.read(made.resolve(TokenizerJson.FILE), MOST_BYTES);
      return new GgufTokenizer(fields, rows, notes).read(folder);
    } finally {
      DurableFiles.deleteTree(made);
    }
  }

  private Map<String, GgufValue> read(Path folder) throws IOException {
    String type = model.string("type", "BPE");
    if (!type.equals("BPE")) {
      throw model.problem(
          "type",
          "%s cannot be written as GGUF, only BPE".formatted(InvalidFileException.quote(type)));
    }
    if (model.flag("byte_fallback", false)) {
      readCharacters(folder);
    } else {
      readBytes(folder);
    }
    return metadata;
  }

  private void readBytes(Path folder) throws IOException {
    requireNormalizer();
    PreTokenizerName pre = PreTokenizerName.of(tokenizer);
    readTokens();
    put("ggml.model", new GgufValue.Text("gpt2"));
    put("ggml.pre", new GgufValue.Text(pre.id()));
    putTokens();
    put("ggml.merges", new GgufValue.Texts(merges()));
    putRoles(folder, pre == PreTokenizerName.LLAMA_BPE);
  }

  private void readCharacters(Path folder) throws IOException {
    // What cannot be read here cannot be compared with what llama.cpp does.
    TokenizerFolder.load(folder);
    if (model.flag("ignore_merges", false)) {
      throw model.problem("ignore_merges", "is true, but llama.cpp always merges here");
    }
    boolean spaceFirst = SpacePrefix.of(tokenizer, notes);
    readTokens();
    for (int b = 0; b < ByteTokens.COUNT; b++) {
      int id = Arrays.asList(tokens).indexOf(ByteTokens.name(b));
      if (id < 0) {
        throw model.problem(
            "vocab", "does not have %s, and llama.cpp needs all".formatted(ByteTokens.name(b)));
      }
      types[id] = BYTE;
    }
    int unknown = Arrays.asList(tokens).indexOf(model.string("unk_token", ""));
    if (unknown >= 0) {
      types[unknown] = UNKNOWN;
    }
    put("ggml.model", new GgufValue.Text("llama"));
    put("ggml.pre", new GgufValue.Text("default"));
    putTokens();
    put("ggml.scores", new GgufValue.Reals(MergeScores.of(model, List.of(tokens), merges())));
    put("ggml.add_space_prefix", new GgufValue.Flag(spaceFirst));
    putRoles(folder, true);
    if (unknown >= 0) {
      metadata.putIfAbsent("tokenizer.ggml.unknown_token_id", new GgufValue.Unsigned(unknown));
    }
  }

  private void putTokens() {
    put("ggml.tokens", new GgufValue.Texts(List.of(tokens)));
    put("ggml.token_type", new GgufValue.Integers(Arrays.stream(types).boxed().toList()));
  }

  private void put(String key, GgufValue value) {
    metadata.put("tokenizer." + key, value);
  }

  private void requireNormalizer() throws InvalidFileException {
    Set<String> types = new TreeSet<>();
    for (ConfigFields step : StepSequence.of(tokenizer, "normalizer", "normalizers")) {
      types.add(step.string("type", ""));
    }
    for (String type : types) {
      if (!type.equals("NFC")) {
        throw tokenizer.problem(
            "normalizer",
            "%s is not in llama.cpp, so text would get other ids"
                .formatted(InvalidFileException.quote(type)));
      }
      notes.accept("llama.cpp does not normalize: text that is not in NFC gets other ids there");
    }
  }

  private void readTokens() throws InvalidFileException {
    ConfigFields vocabulary = model.object("vocab");
    if (vocabulary == null) {
      throw model.problem("vocab", "missing");
    }
    for (String token : vocabulary.names()) {
      set(vocabulary, token, token, NORMAL);
    }
    for (Object token : tokenizer.list("added_tokens")) {
      if (!(token instanceof ConfigFields fields)) {
        throw tokenizer.problem("added_tokens", "expected objects");
      }
      String content = fields.string("content", "");
      if (fields.flag("single_word", false)) {
        throw fields.problem("single_word", "is true, which llama.cpp does not have");
      }
      boolean control =
          fields.flag("special", false) || (content.startsWith("<|") && content.endsWith("|>"));
      added.put(content, set(fields, "id", content, control ? CONTROL : USER_DEFINED));
    }
    for (int id = 0; id < tokens.length; id++) {
      if (tokens[id] == null) {
        tokens[id] = "[PAD" + id + "]";
        types[id] = UNUSED;
      }
    }
  }

  private int set(ConfigFields fields, String field, String token, int type)
      throws InvalidFileException {
    double id = fields.number(field, -1);
    if (id != Math.rint(id) || id < 0 || id >= tokens.length) {
      throw fields.problem(field, "is no id from 0 to " + (tokens.length - 1));
    }
    String before = tokens[(int) id];
    if (before != null && !before.equals(token)) {
      throw fields.problem(
          field,
          "the id %.0f is also that of %s".formatted(id, InvalidFileException.quote(before)));
    }
    tokens[(int) id] = token;
    types[(int) id] = type;
    return (int) id;
  }

  /** Merges are strings, or, in newer files, pairs. */
  private List<String> merges() throws InvalidFileException {
    List<String> merges = new ArrayList<>();
    for (Object merge : model.list("merges")) {
      String text = "";
      if (merge instanceof String string) {
        text = string;
      } else if (merge instanceof List<?> pair && pair.size() == 2) {
        text = pair.get(0) + " " + pair.get(1);
      }
      int space = text.indexOf(' ');
      if (space < 1 || space == text.length() - 1 || text.indexOf(' ', space + 1) >= 0) {
        throw model.problem("merges[" + merges.size() + "]", "is not two tokens of bytes");
      }
      merges.add(text);
    }
    return merges;
  }

  /**
   * The special tokens and the template.
   *
   * @param begins whether llama.cpp puts a token before each text if it is not told
   */
  private void putRoles(Path folder, boolean begins) throws IOException {
    TokenRoles roles = TokenRoles.read(folder, added, tokens.length);
    OptionalInt begin = roles.id("bos");
    OptionalInt end = roles.id("eos");
    if (end.isEmpty()) {
      end = inertEnd();
      begin = begin.isEmpty() ? end : begin;
    }
    putId("bos", begin);
    putId("eos", end);
    putId("unknown", roles.id("unk"));
    putId("padding", roles.id("pad"));
    AddedAround around = AddedAround.of(tokenizer);
    around.require(tokenizer, added, begin, end);
    Boolean said = roles.addsBegin();
    if (around.begin() != null) {
      put("ggml.add_bos_token", new GgufValue.Flag(true));
      put("ggml.add_sep_token", new GgufValue.Flag(false));
    } else if (said != null || begins) {
      put("ggml.add_bos_token", new GgufValue.Flag(said != null && said));
    }
    if (around.end() != null) {
      put("ggml.add_eos_token", new GgufValue.Flag(true));
    }
    putTemplate(folder, roles);
  }

  /**
   * Without an end token llama.cpp takes the one with id 11, whatever it is, and stops there. A
   * token that no text has does no harm.
   */
  private OptionalInt inertEnd() {
    for (int id = 0; id < tokens.length; id++) {
      if (types[id] == UNUSED
          || tokens[id].equals(types[id] == BYTE ? UNUSED_TOKEN : UNUSED_BYTE)) {
        return OptionalInt.of(id);
      }
    }
    notes.accept(
        "the tokenizer has no end token, and llama.cpp will take the one with id 11 for it; run it"
            + " with --ignore-eos");
    return OptionalInt.empty();
  }

  private void putId(String role, OptionalInt id) {
    if (id.isPresent()) {
      put("ggml." + role + "_token_id", new GgufValue.Unsigned(id.getAsInt()));
    }
  }

  private void putTemplate(Path folder, TokenRoles roles) throws IOException {
    Path file = folder.resolve(TEMPLATE);
    String template =
        Files.exists(file) ? RegularFile.readText(file, MOST_BYTES) : roles.chatTemplate();
    if (!template.isEmpty()) {
      put("chat_template", new GgufValue.Text(template));
    }
  }
}
