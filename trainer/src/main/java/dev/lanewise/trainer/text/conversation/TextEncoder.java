package dev.lanewise.trainer.text.conversation;

import dev.lanewise.trainer.text.template.Rendering.Span;
import dev.lanewise.trainer.text.tokenizer.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Makes tokens of a rendered conversation, and finds which of them are in its spans. */
final class TextEncoder {
  private final Tokenizer tokenizer;
  private final SpecialNames names;

  TextEncoder(Tokenizer tokenizer, SpecialNames names) {
    this.tokenizer = tokenizer;
    this.names = names;
  }

  /** The tokens of all of it. */
  int[] ids(WrittenText written) {
    return ids(written, written.text().length());
  }

  /** The tokens; those count that have a byte of a span, also one that straddles its border. */
  CountedTokens encode(WrittenText written, List<Span> spans) {
    int[] ids = ids(written);
    boolean[] counted = new boolean[ids.length];
    boolean exact = Arrays.equals(bytes(ids), written.text().getBytes(StandardCharsets.UTF_8));
    for (Span span : spans) {
      mark(ids, counted, place(written, span.start(), exact), place(written, span.end(), exact));
    }
    return new CountedTokens(ids, counted);
  }

  private void mark(int[] ids, boolean[] counted, long start, long end) {
    long at = 0;
    for (int i = 0; i < ids.length; i++) {
      long next = at + tokenizer.tokenBytes(ids[i]).length;
      counted[i] |= at < end && next > start;
      at = next;
    }
  }

  /**
   * Where a place of the text is among the bytes of its tokens. A tokenizer that normalizes, or
   * takes white space into special tokens, has other bytes than the text: there the tokens of the
   * text before say it.
   */
  private long place(WrittenText written, int index, boolean exact) {
    if (exact) {
      return written.text().substring(0, index).getBytes(StandardCharsets.UTF_8).length;
    }
    return bytes(ids(written, index)).length;
  }

  private byte[] bytes(int[] ids) {
    byte[][] parts = new byte[ids.length][];
    int length = 0;
    for (int i = 0; i < ids.length; i++) {
      parts[i] = tokenizer.tokenBytes(ids[i]);
      length += parts[i].length;
    }
    byte[] all = new byte[length];
    int at = 0;
    for (byte[] part : parts) {
      System.arraycopy(part, 0, all, at, part.length);
      at += part.length;
    }
    return all;
  }

  /**
   * The tokens of the text before a place. Only what stands between two of the template's own
   * special tokens and has the name of one is encoded by itself.
   */
  private int[] ids(WrittenText written, int end) {
    String text = written.text().substring(0, end);
    if (written.data().stream().noneMatch(place -> place < end)) {
      return tokenizer.encodeWithSpecial(text);
    }
    List<int[]> parts = new ArrayList<>();
    int done = 0;
    int begin = 0;
    boolean hasData = false;
    List<SpecialNames.Place> places = new ArrayList<>(names.in(text));
    places.add(new SpecialNames.Place(text.length(), text.length()));
    for (SpecialNames.Place place : places) {
      if (written.data().contains(place.start())) {
        hasData = true;
        continue;
      }
      if (hasData) {
        parts.add(tokenizer.encodeWithSpecial(text.substring(done, begin)));
        parts.add(tokenizer.encode(text.substring(begin, place.start())));
        done = place.start();
      }
      begin = place.end();
      hasData = false;
    }
    parts.add(tokenizer.encodeWithSpecial(text.substring(done)));
    return parts.stream().flatMapToInt(Arrays::stream).toArray();
  }
}
