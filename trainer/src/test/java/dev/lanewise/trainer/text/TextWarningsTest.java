package dev.lanewise.trainer.text;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.lanewise.trainer.text.tokenizer.Tokenizer;
import dev.lanewise.trainer.text.tokenizer.bytepair.BytePairTokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** What a user is told of a text that is not what it seems. */
class TextWarningsTest {

  @TempDir private Path folder;
  private final Logger logger = (Logger) LoggerFactory.getLogger("dev.lanewise.trainer.text");
  private final ListAppender<ILoggingEvent> heard = new ListAppender<>();

  @BeforeEach
  void listen() {
    heard.start();
    logger.addAppender(heard);
    logger.setAdditive(false);
  }

  @AfterEach
  void stopListening() {
    logger.detachAppender(heard);
    logger.setAdditive(true);
  }

  private List<String> warnings() {
    return heard.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
  }

  @Test
  void namesOfSpecialTokensAreToldOnceUnlessTheyStandForTheTokens() throws IOException {
    Tokenizer gpt2 = BytePairTokenizer.gpt2();
    TextSource text = TextSource.of("a book", "one<|endoftext|>two<|endoftext|>three");
    CorpusBuilder.encode(text, gpt2, folder.resolve("letters.tokens")).close();
    assertThat(warnings())
        .singleElement()
        .asString()
        .contains("a book", "2 times", "<|endoftext|>", "--special");
    heard.list.clear();
    CorpusLayout special = new CorpusLayout(CorpusLayout.LINE_FEED, true, ValidationSplit.TAIL, 0);
    CorpusBuilder.encode(text, gpt2, special, folder.resolve("tokens.tokens")).close();
    assertThat(warnings()).isEmpty();
  }

  @Test
  void aVocabularyThatBecomesSmallerThanAskedForIsTold() throws IOException {
    TextSource text = TextSource.of("a book", "abababab cdcd");
    Tokenizer tokenizer =
        new TokenizerChoice.BytePairs(5000).tokenizerFor(text, (done, total) -> {});
    assertThat(warnings())
        .singleElement()
        .asString()
        .contains(String.valueOf(tokenizer.vocabularySize()), "5000", "no pair occurs twice");
  }
}
