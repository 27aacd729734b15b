package dev.lanewise.trainer.text.conversation;

import dev.lanewise.trainer.text.template.Rendering.Span;
import dev.lanewise.trainer.text.tokenizer.Tokenizer;
import dev.lanewise.trainer.text.tokenizer.UnknownCharacterException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Makes of documents what a model sees.
 *
 * <p>A text is encoded with the token that ends it, a completion apart from its prompt, each behind
 * what the tokenizer puts in front of texts. A conversation is what its template writes. What
 * counts there the generation tags say, or, where the template has none, the difference between its
 * beginnings. If the template drops or changes earlier turns as a conversation goes on, each answer
 * is learned by itself, behind what the model will see before it.
 */
public final class DocumentTokens {
  private final Tokenizer tokenizer;
  private final ChatForm form;
  private final TrainOn trainOn;
  private final SpecialNames names;
  private final TextEncoder encoder;

  /**
   * What became of a document.
   *
   * @param parts usually one; each is learned by itself
   * @param notes what a user should know of it, in words that are the same for all documents
   */
  public record Result(List<CountedTokens> parts, List<String> notes) {}

  public DocumentTokens(Tokenizer tokenizer, ChatForm form, TrainOn trainOn) {
    this.tokenizer = tokenizer;
    this.form = form;
    this.trainOn = trainOn;
    this.names = new SpecialNames(tokenizer);
    this.encoder = new TextEncoder(tokenizer, names);
  }

  /**
   * Makes the tokens of a document.
   *
   * @throws InvalidDocumentException if it has messages that the template refuses, or whose answers
   *     cannot be found, or a character that the tokenizer does not know
   */
  public Result of(Document document) throws InvalidDocumentException {
    try {
      return encoded(document);
    } catch (UnknownCharacterException e) {
      throw new InvalidDocumentException("", e.getMessage(), e);
    }
  }

  private Result encoded(Document document) throws InvalidDocumentException {
    if (document instanceof Document.Conversation conversation) {
      return conversation(conversation);
    }
    boolean isText = document instanceof Document.Text;
    Document.Completion completion =
        isText
            ? new Document.Completion("", ((Document.Text) document).text())
            : (Document.Completion) document;
    return new Result(List.of(completion(completion, isText || trainOn == TrainOn.ALL)), List.of());
  }

  private CountedTokens completion(Document.Completion document, boolean countsPrompt) {
    int[] prefix = tokenizer.prefix().stream().mapToInt(id -> id).toArray();
    int[] prompt = tokenizer.encodeWithSpecial(document.prompt());
    int[] completion = tokenizer.encodeWithSpecial(document.completion());
    int[] end = tokenizer.endToken().stream().toArray();
    int[] ids =
        IntStream.of(0, 1, 2, 3)
            .mapToObj(i -> new int[][] {prefix, prompt, completion, end}[i])
            .flatMapToInt(Arrays::stream)
            .toArray();
    boolean[] counted = new boolean[ids.length];
    Arrays.fill(counted, prefix.length + (countsPrompt ? 0 : prompt.length), ids.length, true);
    return new CountedTokens(ids, counted);
  }

  private Result conversation(Document.Conversation conversation) throws InvalidDocumentException {
    if (!form.isThere()) {
      throw new InvalidDocumentException(
          "messages",
          "the model has no chat template, and its tokenizer has the special tokens of none that is built in (ChatML, Llama 3)");
    }
    Turns turns = new Turns(form, names, conversation);
    Result result = of(turns);
    if (!turns.writesMissingContent(form)) {
      return result;
    }
    List<String> notes = new ArrayList<>(result.notes());
    notes.add(
        "the chat template writes the word None for an answer whose content is null, as it does in transformers, and the word is learned; put \"content\": \"\" there");
    return new Result(result.parts(), notes);
  }

  private Result of(Turns turns) throws InvalidDocumentException {
    WrittenText whole = turns.whole();
    if (trainOn == TrainOn.ALL) {
      return one(encoder.encode(whole, List.of(new Span(0, whole.text().length()))));
    }
    if (whole.generated().isEmpty()) {
      return byBeginnings(whole, turns.answers());
    }
    List<Turns.Turn> answers;
    try {
      answers = turns.answers();
    } catch (InvalidDocumentException e) {
      // There is nothing to check the tags against.
      return one(encoder.encode(whole, whole.generated()));
    }
    return byTags(whole, answers);
  }

  private static Result one(CountedTokens tokens, String... notes) {
    return new Result(List.of(tokens), List.of(notes));
  }

  private Result byBeginnings(WrittenText whole, List<Turns.Turn> answers) {
    if (!areKept(answers, whole)) {
      return apart(answers);
    }
    return one(encoder.encode(whole, answers.stream().map(Turns.Turn::answer).toList()));
  }

  private Result byTags(WrittenText whole, List<Turns.Turn> answers) {
    if (!areKept(answers, whole)) {
      return apart(answers);
    }
    CountedTokens byTags = encoder.encode(whole, whole.generated());
    CountedTokens byBeginnings =
        encoder.encode(whole, answers.stream().map(Turns.Turn::answer).toList());
    if (Arrays.equals(byTags.counted(), byBeginnings.counted())) {
      return one(byTags);
    }
    return one(
        byTags,
        "the generation tags of the chat template enclose other tokens than the answers and the tokens that end them; the tags are followed");
  }

  /** Whether the whole conversation begins as each of its beginnings. */
  private static boolean areKept(List<Turns.Turn> answers, WrittenText whole) {
    return answers.stream().allMatch(turn -> whole.text().startsWith(turn.upTo().text()));
  }

  private Result apart(List<Turns.Turn> answers) {
    List<CountedTokens> parts = new ArrayList<>();
    for (Turns.Turn turn : answers) {
      List<Span> tagged =
          turn.upTo().generated().stream()
              .filter(span -> span.end() > turn.answer().start())
              .toList();
      parts.add(encoder.encode(turn.upTo(), tagged.isEmpty() ? List.of(turn.answer()) : tagged));
    }
    return new Result(
        parts,
        List.of(
            "the chat template writes earlier turns in another way as a conversation goes on; each answer is learned by itself"));
  }
}
