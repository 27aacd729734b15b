package dev.lanewise.trainer.text.tokenizer.bytepair;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.trainer.fixture.EditedFile;
import dev.lanewise.trainer.fixture.LoggedWarnings;
import dev.lanewise.trainer.fixture.Texts;
import dev.lanewise.trainer.text.TokenizerFolder;
import dev.lanewise.trainer.text.tokenizer.Tokenizer;
import dev.lanewise.trainer.text.tokenizer.UnknownCharacterException;
import dev.lanewise.trainer.text.tokenizer.Utf8;
import dev.lanewise.trainer.text.tokenizer.merge.MergeAssembly;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What other tools wrote, read as they meant it. */
class TokenizerReadingTest {

  private static final String JSON = "tokenizer.json";
  private static final String VOCABULARY = "vocab.json";
  private static final String MERGES = "merges.txt";

  @TempDir Path folder;

  private void requireSample() throws IOException {
    assertThat(TokenizerFolder.load(folder).fingerprint())
        .isEqualTo(SampleTokenizers.bytePairs().fingerprint());
  }

  @Test
  void mergesMayBeArraysAsNewerToolsWriteThem() throws IOException {
    SampleTokenizers.bytePairs().save(folder);
    EditedFile.change(
        folder.resolve(JSON),
        text ->
            text.replaceFirst("\"merges\":\\[\"(\\S+) (\\S+?)\"", "\"merges\":[[\"$1\",\"$2\"]"));
    assertThat(Files.readString(folder.resolve(JSON))).contains("\"merges\":[[");
    requireSample();
  }

  /** In words that other tools use for the same. */
  @Test
  void whatChangesNothingIsTheSameTokenizer() throws IOException {
    SampleTokenizers.bytePairs().save(folder);
    EditedFile.replace(folder.resolve(JSON), "\"dropout\":null", "\"dropout\":0.0");
    EditedFile.replace(
        folder.resolve(JSON),
        "\"decoder\":{",
        "\"decoder\":{\"type\":\"Sequence\",\"decoders\":[{\"type\":\"ByteLevel\"}]},\"x\":{");
    requireSample();
  }

  @Test
  void gpt2sOwnTwoFilesAreEnough() throws IOException {
    SampleTokenizers.bytePairs().save(folder);
    Files.delete(folder.resolve(JSON));
    requireSample();
    EditedFile.change(
        folder.resolve(MERGES), text -> text.substring(text.indexOf('\n') + 1).stripTrailing());
    requireSample();
  }

  @Test
  void mergesMayHaveTheLinesOfWindows() throws IOException {
    SampleTokenizers.bytePairs().save(folder);
    EditedFile.change(folder.resolve(MERGES), text -> text.replace("\n", "\r\n") + "\r\n");
    requireSample();
    Files.delete(folder.resolve(JSON));
    requireSample();
    EditedFile.change(folder.resolve(MERGES), text -> "\ufeff" + text);
    requireSample();
  }

  /** Filled up to a round number, as people do; a cut file lacks more than that. */
  @Test
  void aTokenThatNoMergeMakesIsTold() throws IOException {
    SampleTokenizers.bytePairs().save(folder);
    Files.delete(folder.resolve(JSON));
    EditedFile.change(
        folder.resolve(VOCABULARY), text -> text.replaceFirst("}\\s*$", ",\"filler\":1000}"));
    try (LoggedWarnings warnings = new LoggedWarnings(MergeAssembly.class.getName())) {
      Tokenizer tokenizer = TokenizerFolder.load(folder);
      assertThat(tokenizer.encodeWithSpecial("filler"))
          .isEqualTo(SampleTokenizers.bytePairs().encode("filler"));
      assertThat(tokenizer.decode(new int[] {1000})).isEqualTo("filler");
      assertThat(warnings.messages())
          .singleElement()
          .asString()
          .contains(MERGES, "1 of 1001 tokens, such as \"filler\"", "no merge");
    }
  }

  /** A GPT-2 that went through other tools; its 60 strings were encoded by Hugging Face. */
  @Test
  void aFileOfHuggingFaceGivesItsIds() throws IOException {
    copyFixture();
    Tokenizer tokenizer = TokenizerFolder.load(folder);
    assertThat(tokenizer.vocabularySize()).isEqualTo(700);
    assertThat(tokenizer.endToken()).hasValue(694);
    requireIds(tokenizer);
    Path saved = folder.resolve("saved");
    tokenizer.save(saved);
    requireIds(TokenizerFolder.load(saved));
    assertThat(TokenizerFolder.load(saved).fingerprint()).isEqualTo(tokenizer.fingerprint());
  }

  private void copyFixture() throws IOException {
    try (var in =
        TokenizerReadingTest.class.getResourceAsStream("/tokenizers/gpt2/tokenizer.json")) {
      Files.copy(in, folder.resolve(JSON));
    }
  }

  private static void requireIds(Tokenizer tokenizer) throws IOException {
    ObjectMapper mapper = new ObjectMapper();
    try (var in = TokenizerReadingTest.class.getResourceAsStream("/tokenizers/gpt2/encode.jsonl");
        var cases = mapper.readerFor(JsonNode.class).<JsonNode>readValues(in)) {
      int count = 0;
      while (cases.hasNext()) {
        JsonNode one = cases.next();
        String text = one.get("text").asText();
        assertThat(tokenizer.encode(text)).as(text).isEqualTo(ids(one.get("ids_plain")));
        assertThat(tokenizer.encodeWithSpecial(text)).as(text).isEqualTo(ids(one.get("ids")));
        assertThat(tokenizer.decode(ids(one.get("ids")))).isEqualTo(one.get("decoded").asText());
        for (boolean special : new boolean[] {false, true}) {
          List<Integer> streamed = new ArrayList<>();
          var encoder =
              tokenizer.encoder(
                  (some, n) -> IntStream.range(0, n).forEach(i -> streamed.add(some[i])), special);
          byte[] utf8 = Utf8.bytes(text);
          for (int i = 0; i < utf8.length; i++) {
            encoder.write(utf8, i, 1);
          }
          encoder.finish();
          assertThat(streamed.stream().mapToInt(i -> i).toArray())
              .as(text)
              .isEqualTo(ids(one.get(special ? "ids" : "ids_plain")));
        }
        count++;
      }
      assertThat(count).isEqualTo(60);
    }
  }

  private static int[] ids(JsonNode array) {
    return IntStream.range(0, array.size()).map(i -> array.get(i).asInt()).toArray();
  }

  /** As Hugging Face trains one: the end of text first, and only the bytes that it saw. */
  @Test
  void idsAreThoseOfTheFile() throws IOException {
    SampleTokenizers.bytePairs().save(folder);
    Files.delete(folder.resolve(VOCABULARY));
    Files.delete(folder.resolve(MERGES));
    JsonNode json = new ObjectMapper().readTree(folder.resolve(JSON).toFile());
    List<String> names = new ArrayList<>();
    json.at("/model/vocab").fieldNames().forEachRemaining(names::add);
    names.remove("!");
    names.addFirst("<|endoftext|>");
    ObjectNode vocabulary = ((ObjectNode) json.get("model")).putObject("vocab");
    names.forEach(name -> vocabulary.put(name, names.indexOf(name)));
    ((ObjectNode) json)
        .putArray("added_tokens")
        .addObject()
        .put("id", 0)
        .put("content", "<|endoftext|>")
        .put("special", true);
    new ObjectMapper().writeValue(folder.resolve(JSON).toFile(), json);

    Tokenizer tokenizer = TokenizerFolder.load(folder);
    assertThat(tokenizer.endToken()).hasValue(0);
    String text = Texts.SAMPLE.replace("!", "");
    // "!" was id 0, so that its place is now the end of text's and all others stay.
    assertThat(tokenizer.encode(text)).isEqualTo(SampleTokenizers.bytePairs().encode(text));
    assertThat(tokenizer.decode(tokenizer.encode(text))).isEqualTo(text);
    assertThat(tokenizer.encodeWithSpecial("<|endoftext|>")).containsExactly(0);
    assertThatThrownBy(() -> tokenizer.encode("oh!"))
        .isInstanceOf(UnknownCharacterException.class)
        .hasMessageContaining("'!'");
    tokenizer.save(folder.resolve("saved"));
    assertThat(TokenizerFolder.load(folder.resolve("saved")).fingerprint())
        .isEqualTo(tokenizer.fingerprint());
  }

  @Test
  void aPostProcessorThatAddsNothingIsNothing() throws IOException {
    SampleTokenizers.bytePairs().save(folder);
    EditedFile.change(
        folder.resolve(JSON),
        text ->
            text.replace(
                "\"post_processor\":null",
                "\"post_processor\":{\"type\":\"TemplateProcessing\",\"single\":[{\"Sequence\":{\"id\":\"A\",\"type_id\":0}}],\"pair\":[],\"special_tokens\":{}}"));
    assertThat(Files.readString(folder.resolve(JSON))).contains("TemplateProcessing");
    requireSample();
  }

  /** As Llama 3's: two ways to a token, and one whose parts come later. */
  @Test
  void severalMergesMayMakeOneToken() throws IOException {
    writeSmall(
        "\"ab\":4,\"bc\":5,\"abc\":6",
        "[\"ab\",\"c\"],[\"b\",\"c\"],[\"a\",\"bc\"],[\"a\",\"b\"]",
        "\"unk_token\":\"<unk>\"");
    Tokenizer tokenizer = TokenizerFolder.load(folder);
    assertThat(tokenizer.encode("abc")).containsExactly(6);
    assertThat(tokenizer.encode("ab")).containsExactly(4);
    assertThat(tokenizer.encode("zzab")).containsExactly(0, 0, 4);
  }

  @Test
  void unknownBytesMayBeFusedAndWordsTakenWhole() throws IOException {
    writeSmall(
        "\"ab\":4,\"cab\":5",
        "[\"a\",\"b\"]",
        "\"unk_token\":\"<unk>\",\"fuse_unk\":true,\"ignore_merges\":true");
    Tokenizer tokenizer = TokenizerFolder.load(folder);
    assertThat(tokenizer.encode("zzab")).containsExactly(0, 4);
    assertThat(tokenizer.encode("cab")).containsExactly(5);
    assertThat(tokenizer.encode("cabc")).containsExactly(3, 4, 3);
  }

  /** As GPT-4's: 16 ids are left out before the last. */
  @Test
  void idsThatNoTokenHasStandForNoText() throws IOException {
    writeSmall(
        "\"ab\":7",
        "[\"a\",\"b\"]",
        "\"unk_token\":\"<unk>\"",
        added(5, "<in>"),
        added(12, "<end>"));
    Tokenizer tokenizer = TokenizerFolder.load(folder);
    assertThat(tokenizer.vocabularySize()).isEqualTo(13);
    assertThat(tokenizer.encode("cab")).containsExactly(3, 7);
    assertThat(tokenizer.encodeWithSpecial("a<in>b<end>")).containsExactly(1, 5, 2, 12);
    assertThat(tokenizer.decode(new int[] {7, 4, 6, 8, 11, 3, 5, 12})).isEqualTo("abc<in><end>");
    assertThat(tokenizer.tokenBytes(4)).isEmpty();
    tokenizer.save(folder.resolve("saved"));
    assertThat(TokenizerFolder.load(folder.resolve("saved")).fingerprint())
        .isEqualTo(tokenizer.fingerprint());
  }

  /** In GPT-2's two files too, which list no added tokens. */
  @Test
  void idsMayBeLeftOutInVocabJson() throws IOException {
    SampleTokenizers.bytePairs().save(folder);
    Files.delete(folder.resolve(JSON));
    EditedFile.change(
        folder.resolve(VOCABULARY), text -> text.replaceFirst("}\\s*$", ",\"<pad>\":1000}"));
    Tokenizer tokenizer = TokenizerFolder.load(folder);
    assertThat(tokenizer.vocabularySize()).isEqualTo(1001);
    assertThat(tokenizer.encode(Texts.SAMPLE))
        .isEqualTo(SampleTokenizers.bytePairs().encode(Texts.SAMPLE));
    assertThat(tokenizer.encodeWithSpecial("<pad>")).containsExactly(1000);
    tokenizer.save(folder.resolve("saved"));
    Tokenizer saved = TokenizerFolder.load(folder.resolve("saved"));
    assertThat(saved.vocabularySize()).isEqualTo(1001);
    assertThat(saved.encodeWithSpecial("the<pad>"))
        .isEqualTo(tokenizer.encodeWithSpecial("the<pad>"));
  }

  /** What RoBERTa's and Llama's files with add_eos_token say. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"type\":\"RobertaProcessing\",\"sep\":[\"<|endoftext|>\",6],\"cls\":[\"<s>\",5],\"trim_offsets\":true,\"add_prefix_space\":false}",
        "{\"type\":\"BertProcessing\",\"sep\":[\"<|endoftext|>\",6],\"cls\":[\"<s>\",5]}",
        "{\"type\":\"TemplateProcessing\",\"single\":[{\"SpecialToken\":{\"id\":\"<s>\"}},{\"Sequence\":{\"id\":\"A\"}},{\"SpecialToken\":{\"id\":\"<|endoftext|>\"}}],\"special_tokens\":{\"<s>\":{\"ids\":[5]},\"<|endoftext|>\":{\"ids\":[6]}}}",
      })
  void theEndTokenMayComeBehindEveryText(String processor) throws IOException {
    writeSmall(
        "\"ab\":4",
        "[\"a\",\"b\"]",
        "\"unk_token\":\"<unk>\"",
        added(5, "<s>"),
        added(6, "<|endoftext|>"));
    EditedFile.change(
        folder.resolve(JSON),
        text -> text.replaceFirst("\\{", "{\"post_processor\":" + processor + ","));
    Tokenizer tokenizer = TokenizerFolder.load(folder);
    assertThat(tokenizer.prefix()).containsExactly(5);
    assertThat(tokenizer.endToken()).hasValue(6);
    assertThat(tokenizer.encode("ab")).containsExactly(4);

    EditedFile.change(folder.resolve(JSON), text -> text.replace("<|endoftext|>", "<other>"));
    assertThatThrownBy(() -> TokenizerFolder.load(folder))
        .isInstanceOf(InvalidFileException.class)
        .hasMessageContainingAll("<other>", "behind every text");
  }

  private static String added(int id, String name) {
    return "{\"id\":%d,\"content\":\"%s\",\"special\":true,\"normalized\":false}"
        .formatted(id, name);
  }

  private void writeSmall(String tokens, String merges, String rules, String... added)
      throws IOException {
    Files.writeString(
        folder.resolve(JSON),
        """
        {"pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false},
         "decoder":{"type":"ByteLevel"},
         "added_tokens":[%s],
         "model":{"type":"BPE",%s,"vocab":{"<unk>":0,"a":1,"b":2,"c":3,%s},"merges":[%s]}}
        """
            .formatted(String.join(",", added), rules, tokens, merges));
  }

  @Test
  void theConfigurationSaysWhichTokenEndsADocument() throws IOException {
    Tokenizer two = SampleTokenizers.withSpecialTokens();
    two.save(folder);
    assertThat(TokenizerFolder.load(folder).endToken()).hasValue(two.vocabularySize() - 2);
    EditedFile.change(
        folder.resolve("tokenizer_config.json"), text -> text.replace("<|endoftext|>", "<pad>"));
    assertThat(TokenizerFolder.load(folder).endToken()).hasValue(two.vocabularySize() - 1);
    EditedFile.change(
        folder.resolve("tokenizer_config.json"),
        text ->
            text.replaceFirst("\"eos_token\":\"<pad>\"", "\"eos_token\":{\"content\":\"<pad>\"}"));
    assertThat(TokenizerFolder.load(folder).endToken()).hasValue(two.vocabularySize() - 1);
    assertThat(SampleTokenizers.bytePairs().endToken()).isEmpty();
  }
}
