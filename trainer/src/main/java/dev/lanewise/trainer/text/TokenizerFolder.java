package dev.lanewise.trainer.text;

import dev.lanewise.engine.registry.Registry;
import dev.lanewise.model.family.ModelFolder;
import dev.lanewise.model.io.ConfigFields;
import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.trainer.progress.LateLogger;
import dev.lanewise.trainer.text.tokenizer.AddedToken;
import dev.lanewise.trainer.text.tokenizer.Tokenizer;
import dev.lanewise.trainer.text.tokenizer.TokenizerJson;
import dev.lanewise.trainer.text.tokenizer.bytepair.BytePairFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/** Finds out which tokenizer a folder holds. */
public final class TokenizerFolder {

  private static final LateLogger LOG = new LateLogger(TokenizerFolder.class);

  /** SentencePiece's own file, which many folders have beside the others. */
  private static final String SENTENCE_PIECE = "tokenizer.model";

  /** Where older folders name the tokens that begin and end texts. */
  private static final String SPECIAL_TOKENS = "special_tokens_map.json";

  private static final String ADDED_TOKENS = "added_tokens.json";

  /** What two files without {@code tokenizer.json} can be, by the names of classes. */
  private static final Set<String> PLAIN_CLASSES =
      Set.of("", "GPT2Tokenizer", "GPT2TokenizerFast", "PreTrainedTokenizerFast");

  /** Switches of these classes that change ids. */
  private static final List<String> CHANGES = List.of("add_prefix_space", "add_bos_token");

  private TokenizerFolder() {}

  /**
   * Reads a tokenizer from {@code tokenizer.json}, or, where there is none, from {@code vocab.json}
   * and {@code merges.txt}. When all three are there, the first alone counts.
   *
   * @throws InvalidFileException when a file is missing, damaged, or not of a kind that Lanewise
   *     has; it names file and field
   */
  public static Tokenizer load(Path folder) throws IOException {
    return load(folder, TokenizerKinds.STANDARD);
  }

  /** As {@link #load(Path)}, of one of these kinds. */
  public static Tokenizer load(Path folder, Registry<TokenizerKind> kinds) throws IOException {
    return load(folder, kinds, true);
  }

  /**
   * As {@link #load(Path, Registry)}, of files that were written together and are as they were
   * written. They say the same, so only the first is read: to compare them takes as long.
   */
  public static Tokenizer loadWritten(Path folder, Registry<TokenizerKind> kinds)
      throws IOException {
    return load(folder, kinds, false);
  }

  private static Tokenizer load(Path folder, Registry<TokenizerKind> kinds, boolean compared)
      throws IOException {
    Path file = folder.resolve(TokenizerJson.FILE);
    Path vocabulary = folder.resolve(TokenizerJson.VOCABULARY_FILE);
    Path merges = folder.resolve(TokenizerJson.MERGES_FILE);
    if (!Files.exists(file)) {
      if (Files.exists(vocabulary) || Files.exists(merges)) {
        requireNoAddedTokens(folder);
        requireNothingElse(folder);
        return BytePairFiles.read(folder).withEnd(namedEnd(folder));
      }
      throw new InvalidFileException(
          folder,
          "",
          "no tokenizer here: neither %s nor %s and %s%s"
              .formatted(
                  TokenizerJson.FILE,
                  TokenizerJson.VOCABULARY_FILE,
                  TokenizerJson.MERGES_FILE,
                  Files.exists(folder.resolve(SENTENCE_PIECE))
                      ? "; transformers makes the first of " + SENTENCE_PIECE
                      : ""));
    }
    TokenizerJson json = TokenizerJson.read(file);
    TokenizerKind kind =
        kinds.all().stream()
            .filter(known -> known.modelType().equals(json.modelType()))
            .findFirst()
            .orElseThrow(() -> unknown(json, kinds));
    Tokenizer tokenizer = kind.read(json, () -> endToken(folder, json));
    if (compared && Files.exists(vocabulary) && Files.exists(merges)) {
      tellIfOther(json, folder);
    }
    return tokenizer;
  }

  private static InvalidFileException unknown(TokenizerJson json, Registry<TokenizerKind> kinds) {
    return json.problem(
        "model.type",
        "\"%s\" is not a kind of tokenizer that Lanewise has; possible are %s"
            .formatted(
                json.modelType(),
                kinds.all().stream()
                    .map(TokenizerKind::modelType)
                    .distinct()
                    .collect(Collectors.joining(" and "))));
  }

  private static void tellIfOther(TokenizerJson json, Path folder) throws IOException {
    String problem = null;
    try {
      problem =
          BytePairFiles.isSame(json, folder)
              ? null
              : "%s and %s in %s are not the tokenizer of %s"
                  .formatted(
                      TokenizerJson.VOCABULARY_FILE,
                      TokenizerJson.MERGES_FILE,
                      folder,
                      TokenizerJson.FILE);
    } catch (InvalidFileException e) {
      problem = e.getMessage();
    }
    if (problem != null) {
      LOG.warn("{}; {} alone is used", problem, TokenizerJson.FILE);
    }
  }

  /** Old folders keep tokens that others added apart, where they are easily missed. */
  private static void requireNoAddedTokens(Path folder) throws IOException {
    Path added = folder.resolve(ADDED_TOKENS);
    if (Files.exists(added) && !ConfigFields.read(added).names().isEmpty()) {
      throw new InvalidFileException(
          added,
          "",
          "has tokens that are not in %s, and is not read; save the tokenizer with save_pretrained of a current transformers, which writes %s"
              .formatted(TokenizerJson.VOCABULARY_FILE, TokenizerJson.FILE));
    }
  }

  /** What {@code tokenizer_config.json} says that the two files cannot, or that makes other ids. */
  private static void requireNothingElse(Path folder) throws IOException {
    Path file = folder.resolve(TokenizerJson.CONFIGURATION_FILE);
    if (!Files.exists(file)) {
      return;
    }
    ConfigFields fields = ConfigFields.read(file);
    String type = fields.string("tokenizer_class", "");
    if (!PLAIN_CLASSES.contains(type)) {
      throw notIn(fields, "tokenizer_class", InvalidFileException.quote(type) + " has rules");
    }
    for (String name : CHANGES) {
      if (fields.flag(name, false)) {
        throw notIn(fields, name, "is a rule");
      }
    }
    ConfigFields added = fields.object("added_tokens_decoder");
    if (added == null) {
      return;
    }
    List<String> tokens = BytePairFiles.tokens(folder);
    for (String id : added.names()) {
      ConfigFields token = added.object(id);
      String content = token == null ? "" : token.string("content", "");
      int at = tokens.indexOf(content);
      if (at < 0 || !id.equals(String.valueOf(at))) {
        throw notIn(added, id, InvalidFileException.quote(content) + " is a token");
      }
      if (token.flag("lstrip", false) || token.flag("rstrip", false)) {
        throw notIn(added, id, InvalidFileException.quote(content) + " has rules");
      }
    }
  }

  private static InvalidFileException notIn(ConfigFields fields, String name, String what) {
    return fields.problem(
        name,
        "%s not in %s and %s; save the tokenizer with save_pretrained of a current transformers, which writes %s"
            .formatted(
                what,
                TokenizerJson.VOCABULARY_FILE,
                TokenizerJson.MERGES_FILE,
                TokenizerJson.FILE));
  }

  /** The token that ends documents: as the folder names it, or else the model's end token. */
  private static String endToken(Path folder, TokenizerJson json) throws IOException {
    String named = namedEnd(folder);
    if (!named.isEmpty() || !Files.exists(folder.resolve(ModelFolder.CONFIGURATION))) {
      return named;
    }
    return ModelFolder.endTokens(folder).stream()
        .map(json.addedTokens()::get)
        .filter(Objects::nonNull)
        .map(AddedToken::name)
        .findFirst()
        .orElse("");
  }

  private static String namedEnd(Path folder) throws IOException {
    for (String name : List.of(TokenizerJson.CONFIGURATION_FILE, SPECIAL_TOKENS)) {
      Path file = folder.resolve(name);
      String end = Files.exists(file) ? TokenizerJson.readEndToken(file) : "";
      if (!end.isEmpty()) {
        return end;
      }
    }
    return "";
  }
}
