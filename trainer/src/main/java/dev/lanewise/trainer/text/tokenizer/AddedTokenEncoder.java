package dev.lanewise.trainer.text.tokenizer;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/**
 * Finds the names of added tokens in UTF-8 that arrives in chunks and leaves the text between them
 * to another encoder. Where several names begin, the longest counts. A special token that is not
 * asked for is text, and so is one that has to be a single word and is none, but no other name is
 * found inside its own. White space that a token takes may begin the next name: both are found.
 */
final class AddedTokenEncoder implements TokenEncoder {

  private static final int MAX_CHARACTER_BYTES = 4;

  private final List<AddedToken> tokens;
  private final NameTree names;
  private final boolean special;
  private final boolean holdsSpace;
  private final TokenEncoder plain;
  private final TokenSink sink;
  private final int[] single = new int[1];
  private byte[] buffer = new byte[1 << 10];
  private int limit;
  private boolean skippingSpace;

  /** The last bytes that left the buffer, of which a character may be needed. */
  private byte[] gone = new byte[0];

  AddedTokenEncoder(AddedTokens found, boolean special, TokenEncoder plain, TokenSink sink) {
    this.tokens = found.tokens();
    this.names = found.names();
    this.special = special;
    this.holdsSpace = tokens.stream().anyMatch(AddedToken::takesSpaceBefore);
    this.plain = plain;
    this.sink = sink;
  }

  @Override
  public void write(byte[] utf8, int offset, int length) throws IOException {
    if (buffer.length - limit < length) {
      buffer = Arrays.copyOf(buffer, Math.max(2 * buffer.length, limit + length));
    }
    System.arraycopy(utf8, offset, buffer, limit, length);
    limit += length;
    drain(false);
  }

  @Override
  public void finish() throws IOException {
    drain(true);
    plain.finish();
    skippingSpace = false;
    gone = new byte[0];
  }

  private void drain(boolean last) throws IOException {
    int from = 0;
    int at = 0;
    while (at < limit) {
      int match = names.begins(buffer[at]) ? names.longest(buffer, at, limit, last) : NameTree.NONE;
      if (match == NameTree.UNDECIDED) {
        break;
      }
      if (match == NameTree.NONE) {
        int space = skippingSpace ? spaceAt(at, last) : 0;
        if (space < 0) {
          break;
        }
        skippingSpace = space > 0;
        from = skippingSpace ? at + space : from;
        at += Math.max(space, 1);
        continue;
      }
      AddedToken token = tokens.get(match);
      int end = at + names.length(match);
      if (token.singleWord() && isUndecided(end, last)) {
        break;
      }
      boolean isWhole = !token.singleWord() || (!hasWordBefore(at) && !hasWordAt(end));
      if (isWhole && (special || !token.special())) {
        passOn(from, token.takesSpaceBefore() ? withoutSpace(from, at) : at);
        plain.finish();
        single[0] = token.id();
        sink.accept(single, 1);
        from = end;
        skippingSpace = token.takesSpaceAfter();
      } else if (skippingSpace) {
        int space = Utf8.spaceLength(buffer, at, limit);
        skippingSpace = space > 0;
        from = at + space;
        end = skippingSpace ? from : end;
      }
      at = end;
    }
    int end = holdsSpace && !last ? withoutSpace(from, Utf8.completeEnd(buffer, from, at)) : at;
    passOn(from, end);
    gone = bytesBefore(end);
    System.arraycopy(buffer, end, buffer, 0, limit - end);
    limit -= end;
  }

  private void passOn(int from, int to) throws IOException {
    if (to > from) {
      plain.write(buffer, from, to - from);
    }
  }

  /** The length of the white space at a place; -1 if it takes more bytes to tell. */
  private int spaceAt(int at, boolean last) {
    boolean cut = !last && Utf8.decode(buffer, at, limit) == Utf8.INCOMPLETE;
    return cut ? -1 : Utf8.spaceLength(buffer, at, limit);
  }

  private int withoutSpace(int from, int to) {
    int end = to;
    while (end > from) {
      int at = end - 1;
      while (at > from && end - at < 3 && (buffer[at] & 0xC0) == 0x80) {
        at--;
      }
      if (Utf8.spaceLength(buffer, at, end) != end - at) {
        return end;
      }
      end = at;
    }
    return end;
  }

  /** Whether it takes more bytes to know the character at a place. */
  private boolean isUndecided(int at, boolean last) {
    return !last && (at == limit || Utf8.decode(buffer, at, limit) == Utf8.INCOMPLETE);
  }

  private boolean hasWordAt(int at) {
    return at < limit && Utf8.isWord(Utf8.decode(buffer, at, limit));
  }

  private boolean hasWordBefore(int at) {
    byte[] before = bytesBefore(at);
    int start = before.length - 1;
    while (start > 0 && (before[start] & 0xC0) == 0x80) {
      start--;
    }
    return start >= 0 && Utf8.isWord(Utf8.decode(before, start, before.length));
  }

  /** The last bytes before a place, enough for a character. */
  private byte[] bytesBefore(int at) {
    int here = Math.min(at, MAX_CHARACTER_BYTES);
    int earlier = Math.min(gone.length, MAX_CHARACTER_BYTES - here);
    byte[] bytes = Arrays.copyOfRange(gone, gone.length - earlier, gone.length + here);
    System.arraycopy(buffer, at - here, bytes, earlier, here);
    return bytes;
  }
}
