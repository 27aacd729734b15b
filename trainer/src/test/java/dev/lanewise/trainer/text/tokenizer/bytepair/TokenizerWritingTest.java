package dev.lanewise.trainer.text.tokenizer.bytepair;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lanewise.trainer.fixture.Pipe;
import dev.lanewise.trainer.fixture.Texts;
import dev.lanewise.trainer.text.TokenizerFolder;
import dev.lanewise.trainer.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is saved: the same tokenizer again, in the form of Hugging Face. */
class TokenizerWritingTest {

  private static final String JSON = "tokenizer.json";
  private static final String VOCABULARY = "vocab.json";
  private static final String MERGES = "merges.txt";

  @TempDir Path folder;

  private void requireSample() throws IOException {
    assertThat(TokenizerFolder.load(folder).fingerprint())
        .isEqualTo(SampleTokenizers.bytePairs().fingerprint());
  }

  @ParameterizedTest
  @MethodSource("dev.lanewise.trainer.text.tokenizer.bytepair.SampleTokenizers#all")
  void whatIsSavedIsLoaded(Tokenizer tokenizer) throws IOException {
    tokenizer.save(folder.resolve("new folder"));
    Tokenizer loaded = TokenizerFolder.load(folder.resolve("new folder"));
    assertThat(loaded.fingerprint()).isEqualTo(tokenizer.fingerprint());
    assertThat(loaded.vocabularySize()).isEqualTo(tokenizer.vocabularySize());
    assertThat(loaded.encode(Texts.SAMPLE)).isEqualTo(tokenizer.encode(Texts.SAMPLE));
  }

  @Test
  void savingTwiceGivesTheSameBytes() throws IOException {
    SampleTokenizers.bytePairs().save(folder.resolve("a"));
    SampleTokenizers.bytePairs().save(folder.resolve("b"));
    for (String file : List.of(JSON, VOCABULARY, MERGES, "tokenizer_config.json")) {
      assertThat(folder.resolve("a").resolve(file))
          .hasSameBinaryContentAs(folder.resolve("b").resolve(file));
    }
  }

  @Test
  void theFilesHaveHuggingFacesForm() throws IOException {
    Tokenizer withSpecials = SampleTokenizers.withSpecialTokens();
    withSpecials.save(folder);
    JsonNode json = new ObjectMapper().readTree(folder.resolve(JSON).toFile());
    assertThat(json.at("/model/type").asText()).isEqualTo("BPE");
    assertThat(json.at("/pre_tokenizer/type").asText()).isEqualTo("ByteLevel");
    assertThat(json.at("/decoder/type").asText()).isEqualTo("ByteLevel");
    assertThat(json.at("/model/vocab/Ġ").asInt()).isEqualTo(220);
    assertThat(json.at("/model/vocab"))
        .isEqualTo(new ObjectMapper().readTree(folder.resolve(VOCABULARY).toFile()));
    assertThat(json.at("/added_tokens/0/content").asText()).isEqualTo("<|endoftext|>");
    assertThat(json.at("/added_tokens/0/id").asInt()).isEqualTo(withSpecials.vocabularySize() - 2);
    List<String> lines = Files.readAllLines(folder.resolve(MERGES));
    assertThat(lines.getFirst()).isEqualTo("#version: 0.2");
    assertThat(lines.get(1)).isEqualTo(json.at("/model/merges/0").asText());
    assertThat(lines).hasSize(1 + json.at("/model/merges").size());
  }

  @Test
  @Timeout(60)
  void aPipeInThePlaceOfAFileIsReplaced() throws IOException, InterruptedException {
    for (String file : List.of(JSON, VOCABULARY, MERGES)) {
      Pipe.make(folder.resolve(file));
    }
    SampleTokenizers.bytePairs().save(folder);
    requireSample();
  }
}
