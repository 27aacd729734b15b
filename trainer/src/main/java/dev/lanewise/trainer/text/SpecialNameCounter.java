package dev.lanewise.trainer.text;

import dev.lanewise.trainer.progress.LateLogger;
import dev.lanewise.trainer.text.tokenizer.AddedToken;
import dev.lanewise.trainer.text.tokenizer.AddedTokens;
import dev.lanewise.trainer.text.tokenizer.TokenEncoder;
import dev.lanewise.trainer.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Counts the names of special tokens in a text on its way, and warns when it is closed if they are
 * read as ordinary letters: a user may expect the tokens.
 */
final class SpecialNameCounter implements AutoCloseable {

  private static final LateLogger LOG = new LateLogger(SpecialNameCounter.class);

  /** What is between the names is of no interest here. */
  private static final TokenEncoder NOWHERE =
      new TokenEncoder() {
        @Override
        public void write(byte[] utf8, int offset, int length) {
          // Not a name.
        }

        @Override
        public void finish() {
          // Not a name.
        }
      };

  private final TextSource text;
  private final List<AddedToken> tokens;
  private final TokenEncoder finder;
  private long count;
  private int firstId;

  SpecialNameCounter(TextSource text, Tokenizer tokenizer, CorpusLayout layout) {
    this.text = text;
    this.tokens =
        layout.special()
            ? List.of()
            : tokenizer.addedTokens().stream().filter(AddedToken::special).toList();
    this.finder =
        new AddedTokens(tokens, UnaryOperator.identity()).encoder(true, NOWHERE, this::count);
  }

  private void count(int[] ids, int found) {
    if (count == 0) {
      firstId = ids[0];
    }
    count += found;
  }

  /** A sink that counts and passes on. */
  DocumentSink before(DocumentSink sink) {
    if (tokens.isEmpty()) {
      return sink;
    }
    return new DocumentSink() {
      @Override
      public void begin(String name) throws IOException {
        sink.begin(name);
      }

      @Override
      public void accept(byte[] utf8, int offset, int length) throws IOException {
        finder.write(utf8, offset, length);
        sink.accept(utf8, offset, length);
      }

      @Override
      public void end() throws IOException {
        finder.finish();
        sink.end();
      }
    };
  }

  @Override
  public void close() {
    if (count > 0) {
      String first =
          tokens.stream().filter(t -> t.id() == firstId).findFirst().orElseThrow().name();
      LOG.warn(
          "{}: the text has names of special tokens ({} in all, {} first), which are read as"
              + " ordinary letters; --special reads them as the tokens",
          text.description(),
          count,
          first);
    }
  }
}
