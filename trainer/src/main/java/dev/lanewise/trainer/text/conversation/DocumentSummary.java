package dev.lanewise.trainer.text.conversation;

import dev.lanewise.model.io.Counted;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What documents come to: how many tokens, how many of them count, what a context cuts off. */
public final class DocumentSummary {

  private static final Pattern LINE =
      Pattern.compile(
          "documents=(\\d{1,18}) parts=(\\d{1,18}) tokens=(\\d{1,18}) counted=(\\d{1,18}) longest=(\\d{1,9}) context=(\\d{1,9}) cut_parts=(\\d{1,18}) cut_tokens=(\\d{1,18}) cut_counted=(\\d{1,18}) bad=(\\d{1,18}) template=(.*)");

  private final String template;
  private final int context;
  private final LongDocuments longDocuments;
  private final Map<String, Integer> notes = new LinkedHashMap<>();
  private long documents;
  private long parts;
  private long tokens;
  private long counted;
  private int longest;
  private long cutParts;
  private long cutTokens;
  private long cutCounted;
  private long bad;
  private String firstBad;

  /**
   * Begins with no document.
   *
   * @param template where the chat template comes from, for people
   * @param context the most tokens of a document
   * @param longDocuments what becomes of longer ones
   */
  public DocumentSummary(String template, int context, LongDocuments longDocuments) {
    this.template = template;
    this.context = context;
    this.longDocuments = longDocuments;
  }

  /** Adds a document. */
  public void add(DocumentTokens.Result result) {
    documents++;
    result.notes().forEach(note -> notes.merge(note, 1, Integer::sum));
    for (CountedTokens part : result.parts()) {
      int length = part.ids().length;
      int kept = longDocuments == LongDocuments.CUT ? Math.min(length, context) : length;
      int counts = part.countedBefore(length);
      parts++;
      tokens += length;
      counted += counts;
      longest = Math.max(longest, length);
      cutParts += length > kept ? 1 : 0;
      cutTokens += length - kept;
      cutCounted += counts - part.countedBefore(kept);
    }
  }

  /** Adds one that is no good. */
  public void addBad(String problem) {
    bad++;
    firstBad = firstBad == null ? problem : firstBad;
  }

  /** Returns where the chat template comes from, for people. */
  public String template() {
    return template;
  }

  /** Returns the most tokens of a document. */
  public int context() {
    return context;
  }

  /** Returns how many documents there are. */
  public long documents() {
    return documents;
  }

  /** Returns how many parts they have that are learned by themselves. */
  public long parts() {
    return parts;
  }

  /** Returns the tokens of all parts. */
  public long tokens() {
    return tokens;
  }

  /** Returns how many of them count. */
  public long counted() {
    return counted;
  }

  /** Returns the tokens of the longest part. */
  public long longest() {
    return longest;
  }

  /** Returns how many parts are cut. */
  public long cutParts() {
    return cutParts;
  }

  /** Returns how many tokens are cut off. */
  public long cutTokens() {
    return cutTokens;
  }

  /** Returns how many of these would count. */
  public long cutCounted() {
    return cutCounted;
  }

  /** Returns how many lines were left out because they are no good. */
  public long bad() {
    return bad;
  }

  /** Returns what is wrong with the first of them; null if there is none, or nobody knows. */
  public String firstBad() {
    return firstBad;
  }

  /** Says why there is no document, where there is none. */
  public String whyNone() {
    return bad == 0
        ? "there is no document in it"
        : "no document is left after skipping %s%s"
            .formatted(
                Counted.of(bad, "bad line"), firstBad == null ? "" : "; the first: " + firstBad);
  }

  /** Returns what a user should know, and of how many documents. */
  public Map<String, Integer> notes() {
    return Collections.unmodifiableMap(notes);
  }

  /** Returns all numbers in a line, for people. */
  public String describe() {
    return String.format(
        Locale.ROOT,
        "documents=%d parts=%d tokens=%d counted=%d (%.1f%%) longest=%d context=%d cut_parts=%d cut_tokens=%d (%.1f%%) template=%s",
        documents,
        parts,
        tokens,
        counted,
        share(counted, tokens),
        longest,
        context,
        cutParts,
        cutTokens,
        share(cutTokens, tokens),
        template);
  }

  private static double share(long part, long whole) {
    return whole == 0 ? 0 : 100.0 * part / whole;
  }

  /** Returns all numbers in a line that {@link #parse} reads. */
  public String line() {
    return "documents=%d parts=%d tokens=%d counted=%d longest=%d context=%d cut_parts=%d cut_tokens=%d cut_counted=%d bad=%d template=%s"
        .formatted(
            documents,
            parts,
            tokens,
            counted,
            longest,
            context,
            cutParts,
            cutTokens,
            cutCounted,
            bad,
            template);
  }

  /** Reads a line; notes are not in it. Empty if it is none. */
  public static Optional<DocumentSummary> parse(String line, LongDocuments longDocuments) {
    Matcher numbers = LINE.matcher(line);
    if (!numbers.matches()) {
      return Optional.empty();
    }
    DocumentSummary summary =
        new DocumentSummary(numbers.group(11), Integer.parseInt(numbers.group(6)), longDocuments);
    summary.documents = Long.parseLong(numbers.group(1));
    summary.parts = Long.parseLong(numbers.group(2));
    summary.tokens = Long.parseLong(numbers.group(3));
    summary.counted = Long.parseLong(numbers.group(4));
    summary.longest = Integer.parseInt(numbers.group(5));
    summary.cutParts = Long.parseLong(numbers.group(7));
    summary.cutTokens = Long.parseLong(numbers.group(8));
    summary.cutCounted = Long.parseLong(numbers.group(9));
    summary.bad = Long.parseLong(numbers.group(10));
    return Optional.of(summary);
  }
}
