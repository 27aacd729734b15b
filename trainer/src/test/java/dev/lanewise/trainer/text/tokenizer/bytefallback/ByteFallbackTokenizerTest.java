package dev.lanewise.trainer.text.tokenizer.bytefallback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.trainer.text.TokenizerFolder;
import dev.lanewise.trainer.text.tokenizer.StreamingDecoder;
import dev.lanewise.trainer.text.tokenizer.TokenEncoder;
import dev.lanewise.trainer.text.tokenizer.Tokenizer;
import dev.lanewise.trainer.text.tokenizer.UnknownCharacterException;
import dev.lanewise.trainer.text.tokenizer.merge.MergeTable;
import dev.lanewise.trainer.text.tokenizer.merge.PairMerger;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The golden texts of this kind are in GoldenTokenizersTest. */
class ByteFallbackTokenizerTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;

  private static ObjectNode file(String name) throws IOException {
    try (InputStream in =
        ByteFallbackTokenizerTest.class.getResourceAsStream(
            "/tokenizers/" + name + "/tokenizer.json")) {
      return (ObjectNode) JSON.readTree(in);
    }
  }

  private Tokenizer load(JsonNode file) throws IOException {
    Files.writeString(folder.resolve("tokenizer.json"), JSON.writeValueAsString(file));
    return TokenizerFolder.load(folder);
  }

  private Tokenizer load(String name) throws IOException {
    return load(file(name));
  }

  /**
   * The definition: the whole text in characters, and each merge of the lowest rank from the left.
   */
  private static List<Integer> slowly(JsonNode file, String marked) {
    Map<String, Integer> ids = new HashMap<>();
    file.at("/model/vocab").properties().forEach(f -> ids.put(f.getKey(), f.getValue().asInt()));
    Map<String, Integer> ranks = new HashMap<>();
    for (JsonNode merge : file.at("/model/merges")) {
      String pair =
          merge.isArray() ? merge.get(0).asText() + " " + merge.get(1).asText() : merge.asText();
      ranks.put(pair, ranks.size());
    }
    List<String> parts = new ArrayList<>();
    marked.codePoints().mapToObj(Character::toString).forEach(c -> addParts(c, ids, parts));
    while (true) {
      int best = -1;
      int rank = Integer.MAX_VALUE;
      for (int i = 0; i + 1 < parts.size(); i++) {
        int other = ranks.getOrDefault(parts.get(i) + " " + parts.get(i + 1), Integer.MAX_VALUE);
        if (other < rank) {
          rank = other;
          best = i;
        }
      }
      if (best < 0) {
        return parts.stream().map(ids::get).toList();
      }
      parts.set(best, parts.get(best) + parts.remove(best + 1));
    }
  }

  private static void addParts(String character, Map<String, Integer> ids, List<String> parts) {
    if (ids.containsKey(character)) {
      parts.add(character);
      return;
    }
    List<String> bytes = new ArrayList<>();
    for (byte b : character.getBytes(StandardCharsets.UTF_8)) {
      bytes.add(String.format("<0x%02X>", b));
    }
    if (ids.keySet().containsAll(bytes)) {
      parts.addAll(bytes);
    } else if (parts.isEmpty() || !parts.getLast().equals("<unk>")) {
      parts.add("<unk>");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"fallback-llama", "fallback-metaspace"})
  void textIsEncodedAsOneWord(String name) throws IOException {
    JsonNode file = file(name);
    Tokenizer tokenizer = load(file);
    String[] parts = {
      " ", "  ", "a", "e", "er", "the", "in", "on", "\u00e9", "\u4e16", "\n", "7", "\u2581", "run"
    };
    Random random = new Random(3);
    for (int round = 0; round < 300; round++) {
      StringBuilder text = new StringBuilder("x");
      for (int i = random.nextInt(60); i > 0; i--) {
        text.append(parts[random.nextInt(parts.length)]);
      }
      assertThat(tokenizer.encode(text.toString()))
          .as(text.toString())
          .containsExactly(
              slowly(file, "\u2581" + text.toString().replace(' ', '\u2581')).stream()
                  .mapToInt(id -> id)
                  .toArray());
    }
  }

  /** Nothing in such a text can be cut: its characters join each other everywhere. */
  @Test
  void aRunWithoutAPlaceToCutIsEncodedAsAWhole() throws IOException {
    List<String> tokens = new ArrayList<>(List.of("<unk>", "a", "b"));
    List<String> merges = new ArrayList<>();
    MergeTable table = new MergeTable(8);
    for (List<String> pair :
        List.of(
            List.of("a", "b"),
            List.of("b", "a"),
            List.of("a", "a"),
            List.of("b", "b"),
            List.of("ab", "ab"),
            List.of("ba", "ab"),
            List.of("aa", "ba"),
            List.of("bb", "aaba"))) {
      merges.add(String.join(" ", pair));
      table.add(
          MergeTable.pair(tokens.indexOf(pair.get(0)), tokens.indexOf(pair.get(1))), tokens.size());
      tokens.add(String.join("", pair));
    }
    ObjectNode file = file("fallback-bare");
    setModel(file, tokens, merges);
    Tokenizer tokenizer = load(file);
    Random random = new Random(1);
    for (int share : new int[] {1, 2, 100}) {
      char[] text = new char[5 * ByteFallbackEncoder.MAX_RUN_BYTES / 2];
      for (int i = 0; i < text.length; i++) {
        text[i] = random.nextInt(share) == 0 ? 'a' : 'b';
      }
      PairMerger merger = new PairMerger(table);
      int[] ids = merger.ids(text.length);
      for (int i = 0; i < text.length; i++) {
        ids[i] = tokens.indexOf(String.valueOf(text[i]));
      }
      int count = merger.merge(text.length);
      int[] encoded = tokenizer.encode(new String(text));
      assertThat(encoded).hasSize(count);
      for (int i = 0; i < count; i++) {
        assertThat(encoded[i]).isEqualTo(ids[i]);
      }
    }
  }

  private static void setModel(ObjectNode file, List<String> tokens, List<String> merges) {
    file.putArray("added_tokens");
    ObjectNode model = (ObjectNode) file.get("model");
    ObjectNode vocabulary = model.putObject("vocab");
    tokens.forEach(token -> vocabulary.put(token, vocabulary.size()));
    ArrayNode all = model.putArray("merges");
    merges.forEach(all::add);
  }

  @Test
  void whatFollowsAPromptKeepsItsSpace() throws IOException {
    Tokenizer tokenizer = load("fallback-llama");
    int[] text = tokenizer.encode("the run");
    assertThat(tokenizer.decode(text)).isEqualTo("the run");
    assertThat(decoded(tokenizer.decoder(), text)).isEqualTo("the run");
    assertThat(decoded(tokenizer.decoderAfter(new int[] {1}), text)).isEqualTo("the run");
    assertThat(decoded(tokenizer.decoderAfter(text), text)).isEqualTo(" the run");
  }

  private static String decoded(StreamingDecoder decoder, int[] ids) {
    StringBuilder text = new StringBuilder();
    for (int id : ids) {
      text.append(decoder.accept(id));
    }
    return text + decoder.finish();
  }

  /** Whether they are UTF-8 is only known at the end of the run. */
  @Test
  void aTokenOfTheNormalizedTextIsDecodedWithItsSpace() throws IOException {
    ObjectNode file = file("fallback-llama");
    int id = file.at("/model/vocab").size();
    ((ArrayNode) file.get("added_tokens"))
        .addObject()
        .put("id", id)
        .put("content", "red fox")
        .put("normalized", true)
        .put("special", false);
    Tokenizer tokenizer = load(file);
    int[] ids = tokenizer.encode("a red fox red fox");
    assertThat(ids).containsOnlyOnce(ids[0]).endsWith(id, id);
    assertThat(tokenizer.decode(ids)).isEqualTo("a red fox red fox");
    assertThat(tokenizer.decode(new int[] {id})).isEqualTo("red fox");
  }

  @Test
  void aCutAtSpacesIsNoneWhereTheNormalizerLeavesNoSpaces() throws IOException {
    ObjectNode file = file("fallback-llama");
    Tokenizer whole = load(file);
    file.set(
        "pre_tokenizer",
        JSON.readTree(
            """
            {"type": "Split", "pattern": {"String": " "}, "behavior": "MergedWithPrevious",
             "invert": false}
            """));
    String text = "the run  in the\n  on ";
    assertThat(load(file).encode(text)).isEqualTo(whole.encode(text));
    file.putNull("normalizer");
    assertThatThrownBy(() -> load(file))
        .isInstanceOf(InvalidFileException.class)
        .hasMessageContaining("pre_tokenizer.type")
        .hasMessageContaining("leaves spaces");
  }

  /** As tokenizers gives them, where no merge makes the words. */
  @ParameterizedTest
  @CsvSource({
    "fallback-words, the run, \u2581the/\u2581run",
    "fallback-words, the the, \u2581the/\u2581the",
    "fallback-llama, the, \u2581the",
    "fallback-llama, the run, \u2581/t/h/e/\u2581/r/u/n",
    "fallback-llama, the the, \u2581/t/h/e/\u2581/t/h/e",
  })
  void aPieceOfTheVocabularyIsTakenWholeWhereMergesAreIgnored(
      String name, String text, String tokens) throws IOException {
    ObjectNode file = file(name);
    ObjectNode model = (ObjectNode) file.get("model");
    model.putArray("merges");
    model.put("ignore_merges", true);
    Tokenizer tokenizer = load(file);
    List<Integer> ids = new ArrayList<>();
    for (String token : tokens.split("/", -1)) {
      ids.add(model.get("vocab").get(token).asInt());
    }
    assertThat(tokenizer.encode(text)).containsExactly(ints(ids));
    assertThat(byteByByte(tokenizer, text)).isEqualTo(ids);
  }

  /**
   * Random texts against the definition, where no merge makes a token. Among them are words that
   * are longer than any token and end with one, and characters that become bytes or are unknown.
   */
  @ParameterizedTest
  @ValueSource(strings = {"fallback-words", "fallback-llama"})
  void wholePiecesAreThoseOfTheDefinition(String name) throws IOException {
    ObjectNode file = file(name);
    ((ObjectNode) file.get("model")).put("ignore_merges", true).putArray("merges");
    JsonNode vocabulary = file.at("/model/vocab");
    Tokenizer tokenizer = load(file);
    int longest =
        vocabulary
            .propertyStream()
            .mapToInt(t -> t.getKey().getBytes(StandardCharsets.UTF_8).length)
            .max()
            .orElse(0);
    String[] parts = {
      " ",
      " the",
      " run",
      " in",
      "the",
      "run",
      "e",
      "\u00e9",
      "\u4e16",
      "\u2580",
      "x".repeat(longest),
      " " + "x".repeat(longest + 1) + "run"
    };
    Random random = new Random(5);
    for (int round = 0; round < 500; round++) {
      StringBuilder text = new StringBuilder("x");
      for (int i = random.nextInt(12); i > 0; i--) {
        text.append(parts[random.nextInt(parts.length)]);
      }
      String marked = "\u2581" + text.toString().replace(' ', '\u2581');
      List<Integer> ids = new ArrayList<>();
      for (String piece :
          name.equals("fallback-words") ? marked.split("(?=\u2581)", -1) : new String[] {marked}) {
        if (vocabulary.has(piece)) {
          ids.add(vocabulary.get(piece).asInt());
        } else {
          ids.addAll(slowly(file, piece));
        }
      }
      assertThat(tokenizer.encode(text.toString())).as(text.toString()).containsExactly(ints(ids));
      assertThat(byteByByte(tokenizer, text.toString())).as(text.toString()).isEqualTo(ids);
    }
  }

  private static int[] ints(List<Integer> ids) {
    return ids.stream().mapToInt(id -> id).toArray();
  }

  private static List<Integer> byteByByte(Tokenizer tokenizer, String text) throws IOException {
    List<Integer> ids = new ArrayList<>();
    TokenEncoder encoder =
        tokenizer.encoder(
            (some, count) -> IntStream.range(0, count).forEach(i -> ids.add(some[i])));
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      encoder.write(new byte[] {b}, 0, 1);
    }
    encoder.finish();
    return ids;
  }

  /** As tokenizers does, which drops such ids before it decodes. */
  @Test
  void anIdWithoutATokenLeavesTheNextOneTheFirst() throws IOException {
    ObjectNode file = file("fallback-llama");
    file.set(
        "decoder",
        JSON.readTree(
            """
            {"type": "Sequence", "decoders": [{"type": "ByteFallback"},
             {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "always"}]}
            """));
    int gap = file.at("/model/vocab").size();
    ObjectNode added = file.withArray("added_tokens").get(0).deepCopy();
    ((ArrayNode) file.get("added_tokens")).add(added.put("id", gap + 1).put("content", "<last>"));
    Tokenizer tokenizer = load(file);
    int the = file.at("/model/vocab").get("\u2581the").asInt();
    int[] earth = tokenizer.encode("\u4e16");
    assertThat(tokenizer.decode(new int[] {gap, the, gap, the})).isEqualTo("the the");
    assertThat(tokenizer.decode(new int[] {earth[1], gap, earth[2], earth[3]})).isEqualTo("\u4e16");
  }

  /** Of the first token all marks are left out, and bytes may be the mark. */
  @ParameterizedTest
  @CsvSource({
    "always, \u2581the/\u2581run, the run",
    "first, \u2581\u2581/\u2581the, ' the'",
    "never, \u2581the/\u2581run, ' the run'",
    "always, <0xE2>/<0x96>/<0x81>/\u2581the, ' the'",
    "always, e/<0xE2>/<0x96>/<0x81>, 'e '",
    "always, <0xFF>/\u2581the, '\ufffd the'",
  })
  void marksMayBeDecodedBehindTheBytes(String scheme, String tokens, String text)
      throws IOException {
    ObjectNode file = file("fallback-llama");
    file.set(
        "decoder",
        JSON.readTree(
            """
            {"type": "Sequence", "decoders": [{"type": "ByteFallback"},
             {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "%s"}]}
            """
                .formatted(scheme)));
    Tokenizer tokenizer = load(file);
    int[] ids = new int[tokens.split("/", -1).length];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = file.at("/model/vocab").get(tokens.split("/", -1)[i]).asInt();
    }
    assertThat(tokenizer.decode(ids)).isEqualTo(text);
  }

  @Test
  void bytesAreHeldBackUntilAnotherTokenComes() throws IOException {
    Tokenizer tokenizer = load("fallback-llama");
    StreamingDecoder decoder = tokenizer.decoder();
    int[] earth = tokenizer.encode("\u4e16x");
    assertThat(earth).hasSize(5);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 4; i++) {
      text.append(decoder.accept(earth[i]));
    }
    assertThat(text).isEmpty();
    assertThat(decoder.accept(earth[4])).isEqualTo("\u4e16x");
    assertThat(decoder.accept(earth[1]) + decoder.finish()).isEqualTo("\ufffd");
    assertThat(decoder.accept(earth[0]) + decoder.accept(earth[4])).isEqualTo("x");
  }

  @Test
  void aCharacterWithoutBytesIsNamedWhereNothingStandsForTheUnknown() throws IOException {
    ObjectNode file = file("fallback-words");
    ((ObjectNode) file.get("model")).putNull("unk_token");
    Tokenizer tokenizer = load(file);
    assertThatThrownBy(() -> tokenizer.encode("a \u4e16"))
        .isInstanceOf(UnknownCharacterException.class)
        .hasMessageContaining("U+4E16");
  }

  @Test
  void whatDecidesIdsDecidesTheFingerprint() throws IOException {
    String plain = load("fallback-metaspace").fingerprint();
    assertThat(load("fallback-metaspace").fingerprint()).isEqualTo(plain);
    ObjectNode file = file("fallback-metaspace");
    ((ObjectNode) file.get("pre_tokenizer")).put("prepend_scheme", "always");
    assertThat(load(file).fingerprint()).isNotEqualTo(plain);
    file = file("fallback-metaspace");
    ((ArrayNode) file.at("/decoder/decoders")).remove(3);
    assertThat(load(file).fingerprint()).isNotEqualTo(plain);
    file = file("fallback-metaspace");
    ArrayNode merges = (ArrayNode) file.at("/model/merges");
    merges.insert(0, merges.remove(merges.size() - 1));
    assertThat(load(file).fingerprint()).isNotEqualTo(plain);
  }

  /** They stand for other characters than those of their names. */
  @ParameterizedTest
  @ValueSource(strings = {"<0x0A>", "<unk>"})
  void mergesOfBytesAndOfTheUnknownAreRefused(String token) throws IOException {
    ObjectNode file = file("fallback-bare");
    setModel(file, List.of("<unk>", "<0x0A>", "e", token + "e"), List.of(token + " e"));
    assertThatThrownBy(() -> load(file))
        .isInstanceOf(InvalidFileException.class)
        .hasMessageContainingAll("model.merges", "merge 0", token);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "model.dropout | \"dropout\":null | \"dropout\":0.1",
        "pre_tokenizer.type | \"type\":\"Metaspace\" | \"type\":\"Whitespace\"",
        "pre_tokenizer.prepend_scheme | \"first\" | \"last\"",
        "pre_tokenizer.prepend_scheme | \"split\":false | \"add_prefix_space\":false",
        "pre_tokenizer.replacement | \"replacement\":\"\u2581\" | \"replacement\":\"__\"",
        "pre_tokenizer.split | \"split\":false | \"split\":\"no\"",
        "normalizer.pattern.Regex | \"normalizer\":null | \"normalizer\":{\"type\":\"Replace\",\"pattern\":{\"Regex\":\" +\"},\"content\":\"_\"}",
        "normalizer.pattern.String | \"normalizer\":null | \"normalizer\":{\"type\":\"Replace\",\"pattern\":{\"String\":\"\"},\"content\":\"_\"}",
        "normalizer.type | \"normalizer\":null | \"normalizer\":{\"type\":\"NFKC\"}",
        "decoder.type | \"decoder\":{\"type\":\"Sequence\" | \"decoder\":{\"type\":\"Metaspace\"",
        "decoder.decoders[1].type | {\"type\":\"ByteFallback\"} | {\"type\":\"Fuse\"}",
        "decoder.decoders[2].type | ,{\"type\":\"Fuse\"} | ",
        "decoder.decoders[3].type | \"Strip\" | \"CTC\"",
        "decoder.decoders[3].stop | \"stop\":0 | \"stop\":1",
        "decoder.decoders[3].start | \"start\":1 | \"start\":-1",
        "decoder.decoders[4].type | \"stop\":0} | \"stop\":0},{\"type\":\"Fuse\"}",
        "post_processor.single[2].SpecialToken.id | \"type_id\":0}}],\"pair\" | \"type_id\":0}},{\"SpecialToken\":{\"id\":\"<s>\",\"type_id\":0}}],\"pair\"",
      })
  void whatIsNotSupportedIsRefusedByItsName(String field, String from, String to)
      throws IOException {
    String text = JSON.writeValueAsString(file("fallback-metaspace"));
    assertThat(text).contains(from);
    Files.writeString(folder.resolve("tokenizer.json"), text.replace(from, to == null ? "" : to));
    assertThatThrownBy(() -> TokenizerFolder.load(folder))
        .isInstanceOf(InvalidFileException.class)
        .hasMessageContaining(field);
  }
}
