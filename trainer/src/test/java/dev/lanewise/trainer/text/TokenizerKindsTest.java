package dev.lanewise.trainer.text;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.trainer.cli.CommandRun;
import dev.lanewise.trainer.fixture.Texts;
import dev.lanewise.trainer.progress.Progress;
import dev.lanewise.trainer.text.conversation.ChatForm;
import dev.lanewise.trainer.text.tokenizer.AddedToken;
import dev.lanewise.trainer.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenizerKindsTest {

  private static final String TURN_BEGINS = "<|im_start|>";

  @TempDir private Path folder;

  private static Tokenizer learned(String kind, int vocabulary) throws IOException {
    return TokenizerKinds.STANDARD
        .named(kind)
        .choice(vocabulary)
        .tokenizerFor(TextSource.of("a text", Texts.LINES), Progress.SILENT);
  }

  /** As many ids as are asked for, the last of which are for turns; the others are those of bpe. */
  @Test
  void itHasTokensForTurns() throws IOException {
    Tokenizer chat = learned("bpe-chat", 268);
    Tokenizer plain = learned("bpe", 265);

    assertThat(chat.vocabularySize()).isEqualTo(268);
    assertThat(chat.addedTokens().stream().map(AddedToken::name))
        .containsExactly("<|endoftext|>", TURN_BEGINS, "<|im_end|>");
    assertThat(chat.endToken()).hasValue(265);
    assertThat(chat.encode(Texts.LINES)).isEqualTo(plain.encode(Texts.LINES));
  }

  @Test
  void itIsReadAsItWasWrittenAndFitsABuiltInTemplate() throws IOException {
    Tokenizer chat = learned("bpe-chat", 268);
    chat.save(folder);

    Tokenizer read = TokenizerFolder.load(folder);
    assertThat(read.fingerprint()).isEqualTo(chat.fingerprint());
    assertThat(read.endToken()).hasValue(265);
    assertThat(ChatForm.of(folder, read).origin()).startsWith("ChatML");
  }

  @Test
  void itTakesRoomForItsTokens() {
    Path out = folder.resolve("run");
    CommandRun run =
        CommandRun.of(
            "train", "--tokenizer", "bpe-chat", "--vocabulary", "258", "--out", out.toString());
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("--vocabulary 258", "259");
    assertThat(Files.exists(out)).isFalse();
  }
}
