package dev.lanewise.trainer.text;

import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.trainer.progress.Tally;
import dev.lanewise.trainer.text.conversation.DocumentSummary;
import dev.lanewise.trainer.text.conversation.DocumentTokens;
import dev.lanewise.trainer.text.conversation.InvalidDocumentException;
import dev.lanewise.trainer.text.conversation.JsonLines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Reads the documents of files as tokens, and tells a summary of each, the bad ones too. */
public final class DocumentReader {

  private final DocumentTokens tokens;
  private final boolean skipsBad;
  private final DocumentSummary summary;
  private final Tally tally;

  /** Takes a document. */
  @FunctionalInterface
  public interface Sink {

    /** Takes a document, of which the summary has been told. */
    void accept(JsonLines.Line line, DocumentTokens.Result result) throws IOException;
  }

  /**
   * Makes a reader.
   *
   * @param skipsBad whether documents that are no good are left out
   * @param tally of the bytes of files
   */
  public DocumentReader(
      DocumentTokens tokens, boolean skipsBad, DocumentSummary summary, Tally tally) {
    this.tokens = tokens;
    this.skipsBad = skipsBad;
    this.summary = summary;
    this.tally = tally;
  }

  /** Passes on all documents that are good. */
  public void read(List<Path> files, Sink sink) throws IOException {
    for (Path file : files) {
      try (JsonLines lines = JsonLines.open(file)) {
        while (read(lines, sink)) {
          tally.accept(0);
        }
      }
      tally.accept(Files.size(file));
    }
  }

  private boolean read(JsonLines lines, Sink sink) throws IOException {
    JsonLines.Line line;
    DocumentTokens.Result result;
    try {
      line = lines.next();
      if (line == null) {
        return false;
      }
      result = encoded(line);
    } catch (InvalidFileException e) {
      if (!skipsBad) {
        throw e;
      }
      summary.addBad(e.getMessage());
      return true;
    }
    summary.add(result);
    sink.accept(line, result);
    return true;
  }

  private DocumentTokens.Result encoded(JsonLines.Line line) throws InvalidFileException {
    try {
      return tokens.of(line.document());
    } catch (InvalidDocumentException e) {
      throw line.problem(e);
    }
  }
}
