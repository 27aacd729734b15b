package dev.lanewise.trainer.text;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.trainer.fixture.Texts;
import dev.lanewise.trainer.fixture.Tokenizers;
import dev.lanewise.trainer.progress.Progress;
import dev.lanewise.trainer.text.token.TokenFile;
import dev.lanewise.trainer.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What stands between documents, and which of them are for validation. */
class CorpusDocumentsTest {

  @TempDir Path folder;

  /** GPT-2's two files, with two special tokens after the bytes. */
  private Tokenizer bytesAndEnd() throws IOException {
    Path files = folder.resolve("bytes and end");
    Tokenizers.bytePairs("", 256).save(files);
    Files.delete(files.resolve("tokenizer.json"));
    Path vocabulary = files.resolve("vocab.json");
    Files.writeString(
        vocabulary,
        Files.readString(vocabulary).replaceFirst("}$", ",\"<|endoftext|>\":256,\"<pad>\":257}"));
    return TokenizerFolder.load(files);
  }

  private static TextSource documents(String... texts) {
    return new TextSource() {
      @Override
      public String description() {
        return "documents";
      }

      @Override
      public void copyTo(TextSink sink) throws IOException {
        copyDocuments(new TextJoiner(sink));
      }

      @Override
      public void copyDocuments(DocumentSink sink) throws IOException {
        for (int i = 0; i < texts.length; i++) {
          sink.begin("document " + i);
          byte[] utf8 = texts[i].getBytes(UTF_8);
          sink.accept(utf8, 0, utf8.length);
          sink.end();
        }
      }
    };
  }

  private String encoded(TextSource text, CorpusLayout layout) throws IOException {
    Tokenizer tokenizer = bytesAndEnd();
    try (TokenFile file =
        CorpusBuilder.encode(
            text, tokenizer, layout, folder.resolve("all.tokens"), Progress.SILENT)) {
      StringBuilder shown = new StringBuilder();
      for (long i = 0; i < file.size(); i++) {
        int id = file.get(i);
        String token = tokenizer.decode(new int[] {id});
        shown.append(id < 256 ? token : "[" + token + "]");
      }
      return shown.toString();
    }
  }

  private static CorpusLayout layout(String separator, boolean special) {
    return new CorpusLayout(separator, special, ValidationSplit.TAIL, 0);
  }

  @Test
  void documentsEndWithTheEndTokenOrAnotherSeparator() throws IOException {
    TextSource text = documents("one", "", "two\n", "<pad>");
    assertThat(encoded(text, layout(null, false)))
        .isEqualTo("one[<|endoftext|>]two\n[<|endoftext|>]<pad>[<|endoftext|>]");
    assertThat(encoded(text, layout("<pad>", true)))
        .isEqualTo("one[<pad>]two\n[<pad>][<pad>][<pad>]");
    assertThat(encoded(text, layout("\n", false))).isEqualTo("one\ntwo\n<pad>");
    assertThat(encoded(text, layout("--", false))).isEqualTo("one--two\n--<pad>");
    assertThat(encoded(text, CorpusLayout.former())).isEqualTo("one\ntwo\n<pad>");
  }

  @Test
  void wholeDocumentsAreDrawnForValidation() throws IOException {
    String[] texts = new String[40];
    for (int i = 0; i < texts.length; i++) {
      texts[i] = "document %02d with words of its own\n".formatted(i);
    }
    List<String> drawn = new ArrayList<>();
    for (long seed : new long[] {1, 1, 2}) {
      try (TextCorpus corpus =
          new CorpusBuilder(folder, 4)
              .build(
                  documents(texts),
                  new TokenizerChoice.Characters(),
                  new CorpusLayout(null, false, ValidationSplit.DOCUMENTS, seed),
                  Progress.SILENT,
                  sha256 -> {})) {
        String validation = Texts.of(corpus.tokenizer(), corpus.validation());
        String training = Texts.of(corpus.tokenizer(), corpus.training());
        assertThat(validation.lines()).hasSize(4).allMatch(line -> !training.contains(line));
        assertThat(training.lines()).hasSize(36);
        drawn.add(validation);
      }
    }
    assertThat(drawn.get(1)).isEqualTo(drawn.get(0)).isNotEqualTo(drawn.get(2));
  }

  @Test
  void ofOneDocumentTheLastTenthIsForValidation() {
    assertThat(ValidationSplit.DOCUMENTS.trainingBytes(List.of(1000L), 7)).containsExactly(900L);
    assertThat(ValidationSplit.TAIL.trainingBytes(List.of(1000L), 7)).containsExactly(900L);
    for (long seed = 0; seed < 50; seed++) {
      List<Long> documents = List.of(500L, 30L, 400L, 60L, 10L);
      List<Long> training = ValidationSplit.DOCUMENTS.trainingBytes(documents, seed);
      long validation = 1000 - training.stream().mapToLong(Long::longValue).sum();
      assertThat(validation).isBetween(50L, 100L);
    }
  }

  @Test
  void fewAreTheSameDocumentsOfASmallText() {
    List<Long> documents = List.of(500L, 30L, 400L, 60L, 10L);
    for (long seed = 0; seed < 20; seed++) {
      assertThat(ValidationSplit.FEW.trainingBytes(documents, seed))
          .isEqualTo(ValidationSplit.DOCUMENTS.trainingBytes(documents, seed));
    }
  }

  @Test
  void fewOfALargeTextAreAMillionBytesAtMost() {
    List<Long> documents = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      documents.add(100_000L + 137L * i);
    }
    List<Long> training = ValidationSplit.FEW.trainingBytes(documents, 3);
    long kept = 0;
    for (int i = 0; i < documents.size(); i++) {
      assertThat(training.get(i)).isIn(0L, documents.get(i));
      kept += documents.get(i) - training.get(i);
    }
    assertThat(kept).isBetween(500_000L, 1_000_000L);
    assertThat(ValidationSplit.FEW.trainingBytes(List.of(40_000_000L), 3))
        .containsExactly(39_000_000L);
  }
}
