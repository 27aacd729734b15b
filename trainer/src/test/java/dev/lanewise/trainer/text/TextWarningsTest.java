package dev.lanewise.trainer.text;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.trainer.fixture.LoggedWarnings;
import dev.lanewise.trainer.progress.Progress;
import dev.lanewise.trainer.text.tokenizer.Tokenizer;
import dev.lanewise.trainer.text.tokenizer.bytepair.BytePairTokenizer;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a user is told of a text that is not what it seems. */
class TextWarningsTest {

  @TempDir private Path folder;
  private LoggedWarnings warnings;

  @BeforeEach
  void listen() {
    warnings = new LoggedWarnings("dev.lanewise.trainer.text");
  }

  @AfterEach
  void stopListening() {
    warnings.close();
  }

  @Test
  void namesOfSpecialTokensAreToldOnceUnlessTheyStandForTheTokens() throws IOException {
    Tokenizer gpt2 = BytePairTokenizer.gpt2();
    TextSource text = TextSource.of("a book", "one<|endoftext|>two<|endoftext|>three");
    CorpusBuilder.encode(
            text, gpt2, CorpusLayout.former(), folder.resolve("letters.tokens"), Progress.SILENT)
        .close();
    assertThat(warnings.messages())
        .singleElement()
        .asString()
        .contains("a book", "2 in all", "<|endoftext|>", "--special");
    CorpusLayout special = new CorpusLayout(CorpusLayout.LINE_FEED, true, ValidationSplit.TAIL, 0);
    CorpusBuilder.encode(text, gpt2, special, folder.resolve("tokens.tokens"), Progress.SILENT)
        .close();
    assertThat(warnings.messages()).as("nothing new").hasSize(1);
  }

  @Test
  void aVocabularyThatBecomesSmallerThanAskedForIsTold() throws IOException {
    TextSource text = TextSource.of("a book", "abababab cdcd");
    Tokenizer tokenizer = new TokenizerChoice.BytePairs(5000).tokenizerFor(text, Progress.SILENT);
    assertThat(warnings.messages())
        .singleElement()
        .asString()
        .contains(String.valueOf(tokenizer.vocabularySize()), "5000", "no pair occurs twice");
  }
}
