package dev.lanewise.trainer.text.tokenizer.pretokenizer;

import dev.lanewise.trainer.text.tokenizer.Utf8;
import dev.lanewise.trainer.text.tokenizer.Utf8Scanner;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Cuts text where a regular expression matches. A match is sought in at most {@value #WINDOW}
 * characters, so that any text needs bounded memory; it is taken as soon as no more text could
 * change it, so that the borders of chunks are not seen. Bytes that are not UTF-8 become U+FFFD.
 */
final class RegexScanner extends Utf8Scanner implements PieceScanner {

  private static final int BUFFER_BYTES = 1 << 16;
  private static final int WINDOW = 1 << 20;

  /** Characters that are done with and stay for an expression to look back at. */
  static final int LOOK_BEHIND = 1 << 8;

  /** The same as halves of those beyond U+FFFF, and one more that tells whether a word ends. */
  private static final int KEPT = 2 * (LOOK_BEHIND + 1);

  private static final int DROP_AT = 1 << 16;

  private static final byte[] NOTHING = {};

  /** A part of the text, which is a match or lies between matches. */
  private record Span(int start, int end, boolean match) {}

  private final StringBuilder text = new StringBuilder();
  private final StepLimit seen = new StepLimit(text);
  private final Matcher matcher;
  private final SplitPreTokenizer.Behavior behavior;
  private final boolean invert;
  private final ArrayDeque<byte[]> pieces = new ArrayDeque<>();

  /** Not yet a piece, because the next span may join it. */
  private Span held;

  /** Where the last match ended. */
  private int spanStart;

  /** Where the next match is sought: behind an empty match, one character on. */
  private int searchFrom;

  private boolean matchedBefore;
  private int searchedUpTo;
  private byte[] piece = NOTHING;

  RegexScanner(Pattern pattern, SplitPreTokenizer.Behavior behavior, boolean invert) {
    super(BUFFER_BYTES);
    this.matcher = pattern.matcher(seen).useTransparentBounds(true).useAnchoringBounds(false);
    this.behavior = behavior;
    this.invert = invert;
  }

  @Override
  public void readWhole(byte[] whole, int from, int to) {
    restart();
    super.readWhole(whole, from, to);
  }

  @Override
  public void restart() {
    super.restart();
    text.setLength(0);
    pieces.clear();
    held = null;
    spanStart = 0;
    searchFrom = 0;
    searchedUpTo = 0;
    matchedBefore = false;
  }

  @Override
  public boolean next() {
    while (pieces.isEmpty()) {
      dropOldText();
      position = Utf8.appendTo(text, buffer, position, limit, ended);
      if (spanStart == text.length()) {
        if (!ended || held == null) {
          return false;
        }
        emitHeld();
      } else if (!findSpans()) {
        return false;
      }
    }
    piece = pieces.remove();
    return true;
  }

  private void dropOldText() {
    int keepFrom = (held == null ? spanStart : held.start()) - KEPT;
    if (keepFrom < DROP_AT) {
      return;
    }
    text.delete(0, keepFrom);
    spanStart -= keepFrom;
    searchFrom -= keepFrom;
    searchedUpTo = Math.max(0, searchedUpTo - keepFrom);
    if (held != null) {
      held = new Span(held.start() - keepFrom, held.end() - keepFrom, held.match());
    }
  }

  /** Takes the next match and what is before it; false when it needs more text. */
  // Text comes in pieces here, which is what hitEnd is for.
  @SuppressWarnings("JdkObsolete")
  private boolean findSpans() {
    int visible = Math.min(text.length(), spanStart + WINDOW);
    boolean last = visible == spanStart + WINDOW || (ended && visible == text.length());
    if (!last && text.length() < searchedUpTo) {
      return false;
    }
    seen.show(visible);
    boolean found = searchFrom <= visible && find(visible);
    if (!last && (!found || matcher.hitEnd())) {
      // So that text in small chunks is not searched again for each.
      searchedUpTo = text.length() + (text.length() - spanStart) / 4;
      return false;
    }
    searchedUpTo = 0;
    if (!found) {
      advance(visible, visible);
      return true;
    }
    int start = matcher.start();
    int end = matcher.end();
    if (end > start) {
      advance(start, end);
      accept(new Span(start, end, !invert));
    } else if (start == visible) {
      advance(visible, visible);
    } else {
      int beyond = start + Character.charCount(text.codePointAt(start));
      if (start > spanStart || !matchedBefore) {
        advance(start, start);
        accept(new Span(start, start, !invert));
      }
      searchFrom = beyond;
    }
    matchedBefore = true;
    return true;
  }

  private boolean find(int visible) {
    try {
      return matcher.region(searchFrom, visible).find();
    } catch (StackOverflowError e) {
      throw new SlowPatternException();
    }
  }

  /** What is before {@code start} is between matches; the next match is sought from {@code end}. */
  private void advance(int start, int end) {
    if (start > spanStart) {
      accept(new Span(spanStart, start, invert));
    }
    seen.advance(end - spanStart);
    spanStart = end;
    searchFrom = end;
  }

  private void accept(Span span) {
    if (held != null && joins(span)) {
      held = new Span(held.start(), span.end(), span.match());
      return;
    }
    emitHeld();
    held = span;
  }

  private boolean joins(Span span) {
    return switch (behavior) {
      case REMOVED, ISOLATED -> false;
      case MERGED_WITH_PREVIOUS -> span.match() && !held.match();
      case MERGED_WITH_NEXT -> held.match() && !span.match();
      case CONTIGUOUS -> held.match() == span.match();
    };
  }

  private void emitHeld() {
    if (held != null
        && held.end() > held.start()
        && !(held.match() && behavior == SplitPreTokenizer.Behavior.REMOVED)) {
      pieces.add(text.substring(held.start(), held.end()).getBytes(StandardCharsets.UTF_8));
    }
    held = null;
  }

  @Override
  public byte[] bytes() {
    return piece;
  }

  @Override
  public int start() {
    return 0;
  }

  @Override
  public int stop() {
    return piece.length;
  }
}
