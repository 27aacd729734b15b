package dev.lanewise.trainer.text;

import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.trainer.progress.Phase;
import dev.lanewise.trainer.progress.Progress;
import dev.lanewise.trainer.progress.Tally;
import dev.lanewise.trainer.text.conversation.ChatForm;
import dev.lanewise.trainer.text.conversation.CountedTokens;
import dev.lanewise.trainer.text.conversation.Document;
import dev.lanewise.trainer.text.conversation.DocumentSummary;
import dev.lanewise.trainer.text.conversation.DocumentTokens;
import dev.lanewise.trainer.text.conversation.JsonLines;
import dev.lanewise.trainer.text.conversation.LongDocuments;
import dev.lanewise.trainer.text.token.DocumentFileWriter;
import dev.lanewise.trainer.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Reads the documents of files: as tokens, or as the text that a tokenizer learns from. */
final class DocumentFiles {

  private final DocumentReader reader;
  private final DocumentLayout layout;

  /** Takes the pieces of a document, all at once. */
  @FunctionalInterface
  interface Sink {
    void accept(List<Piece> document) throws IOException;
  }

  /** Tokens of a document that are learned by themselves. */
  record Piece(CountedTokens tokens, LongDocuments.Piece place) {

    /** Whether a token counts that has one before it. */
    boolean teaches() {
      return tokens.countedBefore(place.end()) > tokens.countedBefore(place.from() + 1);
    }

    void writeTo(DocumentFileWriter writer) throws IOException {
      writer.add(tokens.ids(), tokens.counted(), place.from(), place.end());
    }
  }

  private DocumentFiles(DocumentReader reader, DocumentLayout layout) {
    this.reader = reader;
    this.layout = layout;
  }

  /**
   * Makes a reader.
   *
   * @param form how conversations are written
   * @param summary is told of every document
   * @param tally of the bytes of files
   */
  static DocumentFiles reader(
      JsonLinesFiles data,
      Tokenizer tokenizer,
      ChatForm form,
      DocumentLayout layout,
      DocumentSummary summary,
      Tally tally) {
    DocumentTokens tokens = new DocumentTokens(tokenizer, form, layout.trainOn());
    return new DocumentFiles(new DocumentReader(tokens, data.skipsBad(), summary, tally), layout);
  }

  /** Passes on all documents from which something can be learned. */
  void read(List<Path> files, Sink sink) throws IOException {
    reader.read(
        files,
        (line, result) -> {
          List<Piece> pieces = pieces(result);
          if (!pieces.isEmpty()) {
            sink.accept(pieces);
          }
        });
  }

  private List<Piece> pieces(DocumentTokens.Result result) {
    List<Piece> pieces = new ArrayList<>();
    for (CountedTokens part : result.parts()) {
      for (LongDocuments.Piece place :
          layout.longDocuments().pieces(part.ids().length, layout.context())) {
        Piece piece = new Piece(part, place);
        if (piece.teaches()) {
          pieces.add(piece);
        }
      }
    }
    return pieces;
  }

  /** The texts of all documents, for a tokenizer to learn from. */
  static TextSource texts(JsonLinesFiles data, Progress progress) {
    return new TextSource() {
      @Override
      public String description() {
        return data.description();
      }

      @Override
      public void copyTo(TextSink sink) throws IOException {
        Tally tally = progress.begin(Phase.COUNTING, data.bytes());
        for (Path file : data.files()) {
          try (JsonLines lines = JsonLines.open(file)) {
            while (copy(lines, data.skipsBad(), sink)) {
              tally.accept(0);
            }
          }
          tally.accept(Files.size(file));
        }
        tally.end();
      }
    };
  }

  private static boolean copy(JsonLines lines, boolean skipsBad, TextSink sink) throws IOException {
    JsonLines.Line line;
    try {
      line = lines.next();
    } catch (InvalidFileException e) {
      if (!skipsBad) {
        throw e;
      }
      return true;
    }
    if (line == null) {
      return false;
    }
    for (String text : texts(line.document())) {
      byte[] utf8 = (text + "\n").getBytes(StandardCharsets.UTF_8);
      sink.accept(utf8, 0, utf8.length);
    }
    return true;
  }

  private static List<String> texts(Document document) {
    List<String> texts = new ArrayList<>();
    if (document instanceof Document.Text text) {
      texts.add(text.text());
    } else if (document instanceof Document.Completion completion) {
      texts.add(completion.prompt() + completion.completion());
    } else if (document instanceof Document.Conversation conversation) {
      for (Map<String, Object> message : conversation.messages()) {
        if (message.get("content") instanceof String content) {
          texts.add(content);
        }
      }
    }
    return texts;
  }
}
