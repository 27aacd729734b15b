package dev.lanewise.trainer.text.tokenizer;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/**
 * Finds the names of added tokens in UTF-8 that arrives in chunks and leaves the text between them
 * to another encoder. Where several names begin, the longest counts.
 */
public final class AddedTokenEncoder implements TokenEncoder {

  private static final int NONE = -1;
  private static final int UNDECIDED = -2;

  private final List<AddedToken> tokens;
  private final byte[][] names;
  private final boolean[] begins = new boolean[256];
  private final boolean holdsSpace;
  private final TokenEncoder plain;
  private final TokenSink sink;
  private final int[] single = new int[1];
  private byte[] buffer = new byte[1 << 10];
  private int limit;
  private boolean skippingSpace;

  /**
   * Makes an encoder.
   *
   * @param tokens whose names to look for
   * @param plain encodes the text between them into the same sink
   */
  public AddedTokenEncoder(List<AddedToken> tokens, TokenEncoder plain, TokenSink sink) {
    this.tokens = List.copyOf(tokens);
    this.names = tokens.stream().map(AddedToken::bytes).toArray(byte[][]::new);
    for (byte[] name : names) {
      begins[name[0] & 0xFF] = true;
    }
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
  }

  private void drain(boolean last) throws IOException {
    int from = 0;
    int at = 0;
    while (at < limit) {
      if (skippingSpace && isSpace(buffer[at])) {
        from = ++at;
        continue;
      }
      skippingSpace = false;
      int match = begins[buffer[at] & 0xFF] ? match(at, last) : NONE;
      if (match == UNDECIDED) {
        break;
      }
      if (match == NONE) {
        at++;
        continue;
      }
      AddedToken token = tokens.get(match);
      passOn(from, token.takesSpaceBefore() ? withoutSpace(from, at) : at);
      plain.finish();
      single[0] = token.id();
      sink.accept(single, 1);
      at += names[match].length;
      from = at;
      skippingSpace = token.takesSpaceAfter();
    }
    int end = holdsSpace && !last ? withoutSpace(from, at) : at;
    passOn(from, end);
    System.arraycopy(buffer, end, buffer, 0, limit - end);
    limit -= end;
  }

  private void passOn(int from, int to) throws IOException {
    if (to > from) {
      plain.write(buffer, from, to - from);
    }
  }

  private int withoutSpace(int from, int to) {
    int end = to;
    while (end > from && isSpace(buffer[end - 1])) {
      end--;
    }
    return end;
  }

  private static boolean isSpace(byte b) {
    return b == ' ' || (b >= '\t' && b <= '\r');
  }

  /** The longest name at a place, unless a longer one may still come. */
  private int match(int at, boolean last) {
    int best = NONE;
    for (int i = 0; i < names.length; i++) {
      byte[] name = names[i];
      int length = Math.min(name.length, limit - at);
      if (!Arrays.equals(buffer, at, at + length, name, 0, length)) {
        continue;
      }
      if (length < name.length) {
        if (!last) {
          return UNDECIDED;
        }
      } else if (best == NONE || length > names[best].length) {
        best = i;
      }
    }
    return best;
  }
}
