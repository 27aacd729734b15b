package dev.lanewise.trainer.text;

import dev.lanewise.model.io.RegularFile;
import dev.lanewise.trainer.text.token.DocumentFile;
import dev.lanewise.trainer.text.token.TokenFile;
import dev.lanewise.trainer.text.tokenizer.AddedToken;
import dev.lanewise.trainer.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the folder of a corpus says of it: which text, which tokenizer, and what validates, by their
 * SHA-256 in hex.
 *
 * @param text of the clean text
 * @param tokenizer of {@link Tokenizer#fingerprint}
 * @param validation of the ids that validate
 * @param validationTokens how many those are
 */
public record CorpusLabel(String text, String tokenizer, String validation, long validationTokens) {

  static final String FILE = "corpus.txt";

  /** The first line where documents with counted tokens were encoded, and not a text. */
  static final String OF_DOCUMENTS = "Lanewise documents, version 1";

  private static final int MAX_BYTES = 1 << 12;
  private static final Pattern LINES =
      Pattern.compile(
          "text (\\p{XDigit}+) bytes .*^tokenizer (\\S+)$.*^validation (\\S+) tokens (\\d{1,18})$",
          Pattern.DOTALL | Pattern.MULTILINE);

  /** Returns the label; empty if there is no whole corpus in the folder. */
  public static Optional<CorpusLabel> in(Path folder) throws IOException {
    if (!Files.isRegularFile(folder.resolve(FILE))) {
      return Optional.empty();
    }
    Matcher lines = LINES.matcher(text(folder));
    return lines.find()
        ? Optional.of(
            new CorpusLabel(
                lines.group(1), lines.group(2), lines.group(3), Long.parseLong(lines.group(4))))
        : Optional.empty();
  }

  /** Returns the whole file. */
  static String text(Path folder) throws IOException {
    try (InputStream in = RegularFile.open(folder.resolve(FILE))) {
      return new String(in.readNBytes(MAX_BYTES), StandardCharsets.UTF_8);
    }
  }

  /**
   * Returns how many bytes of text a token that is validated on stands for, in the mean. Special
   * tokens stand for none.
   *
   * @param folder of the corpus
   * @throws IOException if tokenizer or ids are missing or damaged
   */
  public static double bytesPerValidationToken(Path folder) throws IOException {
    Tokenizer tokenizer = TokenizerFolder.load(folder);
    int[] bytes = bytesOfIds(tokenizer);
    Path validation = folder.resolve(CorpusBuilder.VALIDATION_FILE);
    if (text(folder).startsWith(OF_DOCUMENTS)) {
      try (DocumentFile documents = DocumentFile.open(validation, read -> {})) {
        requireOf(documents.tokens(), bytes.length);
        long[] sum = new long[1];
        documents.forEachCounted(id -> sum[0] += bytes[id]);
        return (double) sum[0] / documents.counted();
      }
    }
    try (TokenFile tokens = TokenFile.open(validation)) {
      requireOf(tokens, bytes.length);
      // The first one is given, not predicted.
      long sum = 0;
      for (long i = 1; i < tokens.size(); i++) {
        sum += bytes[tokens.get(i)];
      }
      return (double) sum / (tokens.size() - 1);
    }
  }

  private static void requireOf(TokenFile tokens, int vocabulary) throws IOException {
    if (tokens.vocabularySize() != vocabulary) {
      throw new IOException(tokens.path() + ": its ids are not of the tokenizer beside it");
    }
  }

  /** Returns the bytes of text that each id stands for: none for special tokens. */
  public static int[] bytesOfIds(Tokenizer tokenizer) {
    int[] bytes = new int[tokenizer.vocabularySize()];
    for (int id = 0; id < bytes.length; id++) {
      bytes[id] = tokenizer.tokenBytes(id).length;
    }
    for (AddedToken token : tokenizer.addedTokens()) {
      if (token.special()) {
        bytes[token.id()] = 0;
      }
    }
    return bytes;
  }
}
