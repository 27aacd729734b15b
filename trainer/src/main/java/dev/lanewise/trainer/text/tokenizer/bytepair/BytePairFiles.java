package dev.lanewise.trainer.text.tokenizer.bytepair;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.model.io.RegularFile;
import dev.lanewise.model.io.StrictJson;
import dev.lanewise.trainer.files.DurableFiles;
import dev.lanewise.trainer.text.tokenizer.HuggingFaceWriter;
import dev.lanewise.trainer.text.tokenizer.Tokenizer;
import dev.lanewise.trainer.text.tokenizer.TokenizerJson;
import dev.lanewise.trainer.text.tokenizer.Vocabulary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Byte pair encoding in Hugging Face files: {@code vocab.json} and {@code merges.txt} as GPT-2 has
 * them, and the same in {@code tokenizer.json}.
 */
public final class BytePairFiles {

  public static final String MODEL_TYPE = "BPE";

  private static final String MERGES_HEADER = "#version";
  private static final String BYTE_LEVEL = "ByteLevel";

  private BytePairFiles() {}

  static void write(BytePairTokenizer tokenizer, Path folder) throws IOException {
    Files.createDirectories(folder);
    List<String> tokens = shown(tokenizer);
    List<String> merges = new ArrayList<>();
    for (int i = 0; i < tokenizer.mergeCount(); i++) {
      long merge = tokenizer.merge(i);
      merges.add(tokens.get(MergeTable.left(merge)) + " " + tokens.get(MergeTable.right(merge)));
    }
    HuggingFaceWriter.writeObject(
        folder.resolve(TokenizerJson.VOCABULARY_FILE), json -> writeVocabulary(json, tokens));
    DurableFiles.replace(
        folder.resolve(TokenizerJson.MERGES_FILE),
        MERGES_HEADER
            + ": 0.2\n"
            + String.join("", merges.stream().map(merge -> merge + "\n").toList()));
    HuggingFaceWriter.writeTokenizer(
        folder,
        ByteAlphabet.SIZE + tokenizer.mergeCount(),
        tokenizer.specialTokens(),
        BytePairFiles::writeByteLevel,
        BytePairFiles::writeByteLevel,
        json -> writeModel(json, tokens, merges));
    HuggingFaceWriter.writeConfig(folder, tokenizer.specialTokens());
  }

  private static List<String> shown(BytePairTokenizer tokenizer) {
    List<String> tokens = new ArrayList<>();
    int firstSpecial = tokenizer.vocabularySize() - tokenizer.specialTokens().size();
    for (int id = 0; id < firstSpecial; id++) {
      tokens.add(ByteAlphabet.show(tokenizer.tokenBytes(id)));
    }
    tokens.addAll(tokenizer.specialTokens());
    return tokens;
  }

  private static void writeVocabulary(JsonGenerator json, List<String> tokens) throws IOException {
    for (int id = 0; id < tokens.size(); id++) {
      json.writeNumberField(tokens.get(id), id);
    }
  }

  private static void writeByteLevel(JsonGenerator json) throws IOException {
    json.writeStringField("type", BYTE_LEVEL);
    json.writeBooleanField("add_prefix_space", false);
    json.writeBooleanField("trim_offsets", true);
    json.writeBooleanField("use_regex", true);
  }

  private static void writeModel(JsonGenerator json, List<String> tokens, List<String> merges)
      throws IOException {
    json.writeStringField("type", MODEL_TYPE);
    json.writeNullField("dropout");
    json.writeNullField("unk_token");
    json.writeStringField("continuing_subword_prefix", "");
    json.writeStringField("end_of_word_suffix", "");
    json.writeBooleanField("fuse_unk", false);
    json.writeBooleanField("byte_fallback", false);
    json.writeObjectFieldStart("vocab");
    writeVocabulary(json, tokens);
    json.writeEndObject();
    json.writeArrayFieldStart("merges");
    for (String merge : merges) {
      json.writeString(merge);
    }
    json.writeEndArray();
  }

  /** From {@code tokenizer.json}; every setting that changes the ids has to be GPT-2's. */
  public static BytePairTokenizer read(TokenizerJson json) throws IOException {
    json.require("normalizer", "");
    json.require("normalizer.type", "");
    json.require("pre_tokenizer.type", BYTE_LEVEL);
    json.require("pre_tokenizer.add_prefix_space", "false");
    json.require("pre_tokenizer.use_regex", "true", "");
    json.require("post_processor.type", BYTE_LEVEL, "");
    json.require("decoder.type", BYTE_LEVEL);
    for (String setting : List.of("dropout", "continuing_subword_prefix", "end_of_word_suffix")) {
      json.require("model." + setting, "");
    }
    json.require("model.byte_fallback", "false", "");
    json.require("model.ignore_merges", "false", "");
    BytePairTokenizer tokenizer =
        assemble(json.file(), json.vocabulary(), json.file(), "model.merges", json.merges());
    checkAddedTokens(json, tokenizer);
    return tokenizer;
  }

  private static void checkAddedTokens(TokenizerJson json, BytePairTokenizer tokenizer)
      throws InvalidFileException {
    int firstSpecial = tokenizer.vocabularySize() - tokenizer.specialTokens().size();
    Map<Integer, String> expected = new HashMap<>();
    for (String special : tokenizer.specialTokens()) {
      expected.put(firstSpecial + expected.size(), special);
    }
    if (!expected.equals(json.addedTokens())) {
      throw json.problem(
          "added_tokens",
          "has to list just the tokens of the vocabulary that no merge makes, ids %d to %d"
              .formatted(firstSpecial, tokenizer.vocabularySize() - 1));
    }
  }

  /** From {@code vocab.json} and {@code merges.txt}. */
  public static BytePairTokenizer read(Path folder) throws IOException {
    Path vocabularyFile = folder.resolve(TokenizerJson.VOCABULARY_FILE);
    Vocabulary vocabulary;
    try (StrictJson json = StrictJson.open(vocabularyFile, TokenizerJson.MAX_BYTES)) {
      vocabulary = Vocabulary.read(json, "");
      json.expectEnd();
    }
    Path mergesFile = folder.resolve(TokenizerJson.MERGES_FILE);
    return assemble(vocabularyFile, vocabulary, mergesFile, "merge", readMerges(mergesFile));
  }

  private static List<String[]> readMerges(Path file) throws IOException {
    List<String[]> merges = new ArrayList<>();
    String text = RegularFile.readText(file, TokenizerJson.MAX_BYTES);
    int start = text.startsWith(MERGES_HEADER) ? lineEnd(text, 0) + 1 : 0;
    while (start < text.length()) {
      int end = lineEnd(text, start);
      if (merges.size() == Tokenizer.MAX_VOCABULARY) {
        throw new InvalidFileException(file, "", "too many merges");
      }
      merges.add(
          TokenizerJson.splitMerge(
              file, "merge[" + merges.size() + "]", text.substring(start, end)));
      start = end + 1;
    }
    return merges;
  }

  private static int lineEnd(String text, int start) {
    int end = text.indexOf('\n', start);
    return end < 0 ? text.length() : end;
  }

  private static BytePairTokenizer assemble(
      Path vocabularyFile,
      Vocabulary vocabulary,
      Path mergesFile,
      String mergesField,
      List<String[]> merges)
      throws InvalidFileException {
    List<String> tokens = vocabulary.tokens();
    int mergedEnd = ByteAlphabet.SIZE + merges.size();
    if (tokens.size() < mergedEnd) {
      throw new InvalidFileException(
          vocabularyFile,
          vocabulary.field(),
          "%d tokens, but 256 bytes and %d merges make %d"
              .formatted(tokens.size(), merges.size(), mergedEnd));
    }
    Map<String, Integer> ids = new HashMap<>();
    for (int id = 0; id < mergedEnd; id++) {
      String made =
          id < ByteAlphabet.SIZE
              ? ByteAlphabet.show(new byte[] {ByteAlphabet.byteOf(id)})
              : String.join("", merges.get(id - ByteAlphabet.SIZE));
      if (!made.equals(tokens.get(id))) {
        throw new InvalidFileException(
            vocabularyFile,
            vocabulary.field(),
            "id %d is \"%s\", where GPT-2's order (256 bytes, then the merges) has \"%s\""
                .formatted(id, tokens.get(id), made));
      }
      ids.put(made, id);
    }
    long[] pairs = new long[merges.size()];
    for (int i = 0; i < pairs.length; i++) {
      pairs[i] =
          MergeTable.pair(
              mergedId(ids, merges.get(i)[0], mergesFile, mergesField + "[" + i + "]"),
              mergedId(ids, merges.get(i)[1], mergesFile, mergesField + "[" + i + "]"));
    }
    try {
      return new BytePairTokenizer(pairs, tokens.subList(mergedEnd, tokens.size()));
    } catch (IllegalArgumentException e) {
      throw new InvalidFileException(mergesFile, mergesField, e.getMessage(), e);
    }
  }

  private static int mergedId(Map<String, Integer> ids, String token, Path file, String field)
      throws InvalidFileException {
    Integer id = ids.get(token);
    if (id == null) {
      throw new InvalidFileException(file, field, "\"" + token + "\" is not a token");
    }
    return id;
  }
}
