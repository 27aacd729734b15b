package dev.lanewise.trainer.text.tokenizer.bytepair;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.model.io.RegularFile;
import dev.lanewise.model.io.StrictJson;
import dev.lanewise.trainer.files.DurableFiles;
import dev.lanewise.trainer.text.tokenizer.AddedToken;
import dev.lanewise.trainer.text.tokenizer.HuggingFaceWriter;
import dev.lanewise.trainer.text.tokenizer.PostProcessor;
import dev.lanewise.trainer.text.tokenizer.SourceFiles;
import dev.lanewise.trainer.text.tokenizer.Tokenizer;
import dev.lanewise.trainer.text.tokenizer.TokenizerJson;
import dev.lanewise.trainer.text.tokenizer.Vocabulary;
import dev.lanewise.trainer.text.tokenizer.merge.MergeAssembly;
import dev.lanewise.trainer.text.tokenizer.merge.MergeTable;
import dev.lanewise.trainer.text.tokenizer.merge.TextRules;
import dev.lanewise.trainer.text.tokenizer.normalizer.Normalizers;
import dev.lanewise.trainer.text.tokenizer.pretokenizer.PreTokenizer;
import dev.lanewise.trainer.text.tokenizer.pretokenizer.PreTokenizers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Byte pair encoding in Hugging Face files: {@code vocab.json} and {@code merges.txt} as GPT-2 has
 * them, and the same in {@code tokenizer.json}.
 */
public final class BytePairFiles {

  public static final String MODEL_TYPE = "BPE";

  private static final String MERGES_HEADER = "#version";
  private static final String BYTE_ORDER_MARK = "\ufeff";
  private static final String MERGES = MergeAssembly.MERGES;
  private static final String BYTE_LEVEL = "ByteLevel";

  private BytePairFiles() {}

  static void write(BytePairTokenizer tokenizer, Path folder) throws IOException {
    Files.createDirectories(folder);
    List<String> tokens = tokenizer.shown();
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
        tokenizer.addedTokens(),
        BytePairFiles::writeByteLevel,
        BytePairFiles::writeByteLevel,
        json -> writeModel(json, tokenizer.unknown(), tokens, merges));
  }

  private static void writeVocabulary(JsonGenerator json, List<String> tokens) throws IOException {
    for (int id = 0; id < tokens.size(); id++) {
      if (!tokens.get(id).equals(Vocabulary.NONE)) {
        json.writeNumberField(tokens.get(id), id);
      }
    }
  }

  private static void writeByteLevel(JsonGenerator json) throws IOException {
    json.writeStringField("type", BYTE_LEVEL);
    json.writeBooleanField("add_prefix_space", false);
    json.writeBooleanField("trim_offsets", true);
    json.writeBooleanField("use_regex", true);
  }

  private static void writeModel(
      JsonGenerator json, int unknown, List<String> tokens, List<String> merges)
      throws IOException {
    json.writeStringField("type", MODEL_TYPE);
    json.writeNullField("dropout");
    json.writeStringField("unk_token", unknown < 0 ? null : tokens.get(unknown));
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

  /** From {@code tokenizer.json}; a setting that changes the ids and is not known is refused. */
  public static BytePairTokenizer read(TokenizerJson json) throws IOException {
    MergeAssembly.requireKnown(json);
    json.require("model.byte_fallback", "false", "");
    TextRules rules =
        new TextRules(
            Normalizers.read(json),
            List.copyOf(json.addedTokens().values()),
            PostProcessor.readPrefix(json),
            null,
            settings(json));
    requireDecoder(json);
    BytePairModel model =
        new BytePairAssembly(MergeAssembly.of(json))
            .of(json.merges(), json.addedInOrder(), modelRules(json));
    return tokenizer(
        json.file(), MERGES, model, PreTokenizers.read(json), rules, SourceFiles.with(json));
  }

  private static void requireDecoder(TokenizerJson json) throws InvalidFileException {
    List<String> steps = json.steps("decoder", "decoders");
    if (steps.size() != 1) {
      throw json.problem("decoder", "the one step \"" + BYTE_LEVEL + "\" is needed");
    }
    json.require(steps.getFirst() + ".type", BYTE_LEVEL);
  }

  private static BytePairModel.Rules modelRules(TokenizerJson json) throws InvalidFileException {
    String unknown = json.setting("model.unk_token");
    int id = unknown.isEmpty() ? BytePairModel.NONE : json.vocabulary().tokens().indexOf(unknown);
    return new BytePairModel.Rules(
        id,
        id != BytePairModel.NONE && json.flag("model.fuse_unk", false),
        json.flag("model.ignore_merges", false));
  }

  /** What a fingerprint has to know; nothing where it is what was once the only way. */
  private static String settings(TokenizerJson json) throws InvalidFileException {
    SortedMap<String, String> settings = new TreeMap<>(json.settingsUnder("normalizer"));
    settings.putAll(json.settingsUnder("pre_tokenizer"));
    settings.keySet().removeIf(path -> path.endsWith(".trim_offsets"));
    return PreTokenizers.read(json).equals(PreTokenizers.GPT2)
            && Normalizers.read(json).equals(Normalizers.NONE)
        ? ""
        : settings.toString();
  }

  private static BytePairTokenizer tokenizer(
      Path file,
      String field,
      BytePairModel model,
      PreTokenizer preTokenizer,
      TextRules rules,
      SourceFiles source)
      throws InvalidFileException {
    try {
      return new BytePairTokenizer(model, preTokenizer, rules, source);
    } catch (IllegalArgumentException e) {
      throw new InvalidFileException(file, field, e.getMessage(), e);
    }
  }

  /** From {@code vocab.json} and {@code merges.txt}. */
  public static BytePairTokenizer read(Path folder) throws IOException {
    Path mergesFile = folder.resolve(TokenizerJson.MERGES_FILE);
    BytePairAssembly assembly =
        new BytePairAssembly(
            new MergeAssembly(
                folder.resolve(TokenizerJson.VOCABULARY_FILE),
                readVocabulary(folder),
                mergesFile,
                "merge"));
    BytePairModel model = assembly.model(readMerges(mergesFile), BytePairModel.Rules.PLAIN);
    TextRules rules = TextRules.gpt2(List.copyOf(assembly.specialTokens(model)));
    return tokenizer(
        mergesFile, "merge", model, PreTokenizers.GPT2, rules, SourceFiles.beside(folder));
  }

  /** The tokens of {@code vocab.json} by their ids. */
  public static List<String> tokens(Path folder) throws IOException {
    return readVocabulary(folder).tokens();
  }

  /**
   * Whether {@code vocab.json} and {@code merges.txt} say the same as a {@code tokenizer.json}; of
   * added tokens they may know nothing.
   */
  public static boolean isSame(TokenizerJson json, Path folder) throws IOException {
    List<String> tokens = readVocabulary(folder).tokens();
    List<String> expected = json.vocabulary().tokens();
    int both = Math.min(tokens.size(), expected.size());
    if (!tokens.subList(0, both).equals(expected.subList(0, both))) {
      return false;
    }
    for (int id = both; id < Math.max(tokens.size(), expected.size()); id++) {
      AddedToken added = json.addedTokens().get(id);
      String name = id < tokens.size() ? tokens.get(id) : expected.get(id);
      if (added == null || !added.name().equals(name)) {
        return false;
      }
    }
    return joined(readMerges(folder.resolve(TokenizerJson.MERGES_FILE)))
        .equals(joined(json.merges()));
  }

  private static List<String> joined(List<String[]> merges) {
    return merges.stream().map(merge -> String.join(" ", merge)).toList();
  }

  private static Vocabulary readVocabulary(Path folder) throws IOException {
    try (StrictJson json =
        StrictJson.open(folder.resolve(TokenizerJson.VOCABULARY_FILE), TokenizerJson.MAX_BYTES)) {
      Vocabulary vocabulary = Vocabulary.read(json, "");
      json.expectEnd();
      return vocabulary;
    }
  }

  private static List<String[]> readMerges(Path file) throws IOException {
    List<String[]> merges = new ArrayList<>();
    String text = RegularFile.readText(file, TokenizerJson.MAX_BYTES);
    int start = text.startsWith(BYTE_ORDER_MARK) ? 1 : 0;
    start = text.startsWith(MERGES_HEADER, start) ? lineEnd(text, start) + 1 : start;
    while (start < text.length()) {
      int end = lineEnd(text, start);
      if (merges.size() == Tokenizer.MAX_VOCABULARY) {
        throw new InvalidFileException(file, "", "too many merges");
      }
      String line = text.substring(start, end);
      start = end + 1;
      if (line.endsWith("\r")) {
        line = line.substring(0, line.length() - 1);
      }
      if (!line.isEmpty()) {
        merges.add(TokenizerJson.splitMerge(file, "merge[" + merges.size() + "]", line));
      }
    }
    return merges;
  }

  private static int lineEnd(String text, int start) {
    int end = text.indexOf('\n', start);
    return end < 0 ? text.length() : end;
  }
}
