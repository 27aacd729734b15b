package dev.lanewise.trainer.text.tokenizer.bytefallback;

import dev.lanewise.trainer.text.tokenizer.TokenEncoder;
import dev.lanewise.trainer.text.tokenizer.TokenSink;
import dev.lanewise.trainer.text.tokenizer.UnknownCharacterException;
import dev.lanewise.trainer.text.tokenizer.Utf8;
import dev.lanewise.trainer.text.tokenizer.merge.PairMerger;
import dev.lanewise.trainer.text.tokenizer.merge.WordCache;
import java.io.IOException;
import java.util.Arrays;
import java.util.Objects;

/**
 * Encodes a text with a {@link ByteFallbackModel}. The whole text is one word whose pairs merge; it
 * is cut where no merge can reach over, which changes no id, see {@link JoinTable}. A run of
 * {@value #MAX_RUN_BYTES} bytes without such a place (one letter again and again) is cut at a
 * token's border in its middle. Text that follows could move that border only by a chain of ever
 * later merges, each moving the place of the next by no more than two tokens, over half the run.
 */
final class ByteFallbackEncoder implements TokenEncoder {

  static final int MAX_RUN_BYTES = 1 << 20;

  private static final int NO_CHARACTER = -1;
  private static final int MAX_CHUNK_BYTES = 1 << 16;
  private static final int FLUSH_IDS = 1 << 13;

  private final ByteFallbackModel model;
  private final int wordStart;
  private final PairMerger merger;
  private final WordCache cache = new WordCache();
  private final TokenSink sink;

  /** The run of characters with ids that is open begins at 0. */
  private byte[] buffer = new byte[1 << 10];

  private int limit;
  private int scanned;
  private int start;
  private int lastCharacter = NO_CHARACTER;
  private boolean unknownIsPending;
  private int[] output = new int[FLUSH_IDS];
  private int count;

  /**
   * Makes an encoder.
   *
   * @param wordStart a character that begins a word of its own; -1 if there is none
   */
  ByteFallbackEncoder(ByteFallbackModel model, int wordStart, TokenSink sink) {
    this.model = model;
    this.wordStart = wordStart;
    this.merger = new PairMerger(model.table());
    this.sink = Objects.requireNonNull(sink, "sink");
  }

  @Override
  public void write(byte[] utf8, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, utf8.length);
    for (int at = offset; at < offset + length; at += MAX_CHUNK_BYTES) {
      int taken = Math.min(MAX_CHUNK_BYTES, offset + length - at);
      if (buffer.length - limit < taken) {
        buffer = Arrays.copyOf(buffer, Math.max(2 * buffer.length, limit + taken));
      }
      System.arraycopy(utf8, at, buffer, limit, taken);
      limit += taken;
      scan(false);
    }
  }

  @Override
  public void finish() throws IOException {
    scan(true);
    endRun(scanned);
    endUnknown();
    flush();
    limit = 0;
    scanned = 0;
    start = 0;
  }

  private void scan(boolean last) throws IOException {
    while (scanned < limit) {
      int character = Utf8.decode(buffer, scanned, limit);
      if (character == Utf8.INCOMPLETE && !last) {
        break;
      }
      if (character == Utf8.INCOMPLETE || isMalformed(character)) {
        useBytes(Utf8.REPLACEMENT, 1);
      } else {
        use(Utf8.codePoint(character), Utf8.length(character));
      }
    }
    System.arraycopy(buffer, start, buffer, 0, limit - start);
    limit -= start;
    scanned -= start;
    start = 0;
  }

  /** A byte that is no character; U+FFFD itself has three. */
  private static boolean isMalformed(int character) {
    return Utf8.codePoint(character) == Utf8.REPLACEMENT && Utf8.length(character) == 1;
  }

  private void use(int codePoint, int length) throws IOException {
    if (model.characterId(codePoint) == ByteFallbackModel.NONE) {
      if (codePoint == wordStart) {
        endRun(scanned);
        endUnknown();
      }
      useBytes(codePoint, length);
      return;
    }
    endUnknown();
    if (lastCharacter != NO_CHARACTER
        && (codePoint == wordStart || !model.mayJoin(lastCharacter, codePoint))) {
      endRun(scanned);
    }
    lastCharacter = codePoint;
    scanned += length;
    if (scanned - start >= MAX_RUN_BYTES) {
      endHalf();
    }
  }

  /** What merges never is: a byte's token, or the unknown one. */
  private void useBytes(int codePoint, int length) throws IOException {
    endRun(scanned);
    if (hasBytes(scanned, scanned + length)) {
      for (int i = scanned; i < scanned + length; i++) {
        put(model.byteId(buffer[i]));
      }
    } else if (model.unknown() == ByteFallbackModel.NONE) {
      throw new UnknownCharacterException(codePoint, model.tokens().size());
    } else if (!unknownIsPending || !model.fuseUnknown()) {
      endUnknown();
      unknownIsPending = true;
    }
    scanned += length;
    start = scanned;
  }

  private boolean hasBytes(int from, int to) {
    for (int i = from; i < to; i++) {
      if (model.byteId(buffer[i]) == ByteFallbackModel.NONE) {
        return false;
      }
    }
    return true;
  }

  /**
   * The unknown token comes only before the next character that has an id, as in the reference: so
   * behind bytes that follow what it stands for.
   */
  private void endUnknown() throws IOException {
    if (unknownIsPending) {
      unknownIsPending = false;
      put(model.unknown());
    }
  }

  private void endRun(int end) throws IOException {
    lastCharacter = NO_CHARACTER;
    int length = end - start;
    if (length == 0) {
      return;
    }
    if (length > WordCache.MAX_WORD_BYTES) {
      int merged = merge(start, end);
      put(merger.ids(), 0, merged);
    } else {
      int hash = WordCache.hash(buffer, start, end);
      int entry = cache.find(buffer, start, end, hash);
      if (entry >= 0) {
        put(cache.ids(), cache.idsStart(entry), cache.count(entry));
      } else {
        int merged = merge(start, end);
        cache.add(buffer, start, end, hash, merger.ids(), merged);
        put(merger.ids(), 0, merged);
      }
    }
    start = end;
  }

  private void endHalf() throws IOException {
    int merged = merge(start, scanned);
    int kept = 0;
    int bytes = 0;
    while (kept < merged && bytes < MAX_RUN_BYTES / 2) {
      bytes += model.length(merger.ids()[kept++]);
    }
    put(merger.ids(), 0, kept);
    start += bytes;
  }

  private int merge(int from, int to) {
    int[] ids = merger.ids(to - from);
    int characters = 0;
    for (int at = from; at < to; ) {
      int character = Utf8.decode(buffer, at, to);
      ids[characters++] = model.characterId(Utf8.codePoint(character));
      at += Utf8.length(character);
    }
    return merger.merge(characters);
  }

  private void put(int id) throws IOException {
    if (count == output.length) {
      flush();
    }
    output[count++] = id;
  }

  private void put(int[] ids, int from, int length) throws IOException {
    if (output.length - count < length) {
      flush();
      if (output.length < length) {
        sink.accept(Arrays.copyOfRange(ids, from, from + length), length);
        return;
      }
    }
    for (int i = 0; i < length; i++) {
      output[count + i] = ids[from + i];
    }
    count += length;
  }

  private void flush() throws IOException {
    if (count > 0) {
      sink.accept(output, count);
      count = 0;
    }
  }
}
