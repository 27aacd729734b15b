package dev.lanewise.trainer.text.tokenizer;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.model.io.JsonText;
import dev.lanewise.model.io.RegularFile;
import dev.lanewise.trainer.files.DurableFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The files of a tokenizer that came from elsewhere, with its chat template, as they stand. They
 * are written again with it, so that other tools find what they know, and Lanewise need not.
 */
public final class SourceFiles {

  /** No files: the tokenizer was made here. */
  public static final SourceFiles NONE = new SourceFiles(new TreeMap<>());

  private static final String CLASS = "tokenizer_class";

  /** The class of transformers that does what {@code tokenizer.json} says, and nothing else. */
  static final String PLAIN_CLASS = "PreTrainedTokenizerFast";

  /** Beside the tokenizer, what people know about it. */
  private static final List<String> COMPANIONS =
      List.of("chat_template.jinja", "special_tokens_map.json");

  private final SortedMap<String, byte[]> files;

  private SourceFiles(SortedMap<String, byte[]> files) {
    this.files = Collections.unmodifiableSortedMap(files);
  }

  /**
   * The files beside a {@code tokenizer.json}, and it.
   *
   * @param json it, as it was read
   */
  public static SourceFiles with(TokenizerJson json) throws IOException {
    Path folder = json.file().toAbsolutePath().getParent();
    SourceFiles beside = beside(folder);
    SortedMap<String, byte[]> files = new TreeMap<>(beside.files);
    files.put(TokenizerJson.FILE, json.text());
    for (String name : List.of(TokenizerJson.VOCABULARY_FILE, TokenizerJson.MERGES_FILE)) {
      put(files, folder, name);
    }
    return new SourceFiles(files);
  }

  /** The files that say more about the tokenizer in a folder than how it encodes. */
  public static SourceFiles beside(Path folder) throws IOException {
    SortedMap<String, byte[]> files = new TreeMap<>();
    for (String name : COMPANIONS) {
      put(files, folder, name);
    }
    Path configuration = folder.resolve(TokenizerJson.CONFIGURATION_FILE);
    if (Files.exists(configuration)) {
      files.put(TokenizerJson.CONFIGURATION_FILE, ofPlainClass(configuration));
    }
    return new SourceFiles(files);
  }

  private static void put(Map<String, byte[]> files, Path folder, String name) throws IOException {
    if (Files.exists(folder.resolve(name))) {
      files.put(name, RegularFile.read(folder.resolve(name), TokenizerJson.MAX_BYTES));
    }
  }

  /** Whether {@code tokenizer.json} is among them. */
  public boolean isWhole() {
    return files.containsKey(TokenizerJson.FILE);
  }

  /** Whether a file is among them. */
  public boolean has(String name) {
    return files.containsKey(name);
  }

  /** Writes them; files of a former tokenizer do not stay beside them. */
  public void write(Path folder) throws IOException {
    Files.createDirectories(folder);
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      DurableFiles.replace(folder.resolve(file.getKey()), file.getValue());
    }
    if (isWhole()) {
      for (String name : List.of(TokenizerJson.VOCABULARY_FILE, TokenizerJson.MERGES_FILE)) {
        if (!has(name)) {
          Files.deleteIfExists(folder.resolve(name));
        }
      }
    }
  }

  /** Writes a configuration beside them, if none is among them. */
  public void writeMissingConfiguration(String endToken, Path folder) throws IOException {
    if (!has(TokenizerJson.CONFIGURATION_FILE)) {
      HuggingFaceWriter.writeConfig(folder, endToken);
    }
  }

  /**
   * The configuration, with transformers' plain class: others bring rules of their own, and forget
   * those of the file, such as SmolLM's digits.
   */
  private static byte[] ofPlainClass(Path file) throws IOException {
    byte[] text = RegularFile.read(file, TokenizerJson.MAX_BYTES);
    if (PLAIN_CLASS.equals(TokenizerJson.readText(file, CLASS))) {
      return text;
    }
    try (JsonParser parser = new JsonFactory().createParser(text)) {
      parser.nextToken();
      return JsonText.indented(
          json -> {
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
              String name = parser.currentName();
              parser.nextToken();
              if (name.equals(CLASS)) {
                parser.skipChildren();
              } else {
                json.writeFieldName(name);
                json.copyCurrentStructure(parser);
              }
            }
            json.writeStringField(CLASS, PLAIN_CLASS);
          });
    } catch (UncheckedIOException e) {
      throw new InvalidFileException(file, "", "not valid JSON", e);
    }
  }
}
