package dev.lanewise.trainer.text.conversation;

import dev.lanewise.trainer.text.template.Rendering.Span;
import dev.lanewise.trainer.text.template.TemplateException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A conversation as its template writes it, and its beginnings up to each answer: the difference of
 * two beginnings is an answer.
 */
final class Turns {
  private static final String NONE = "None";

  private final SpecialNames names;
  private final Document.Conversation conversation;
  private final ConversationWriter writer;
  private final WrittenText whole;

  /**
   * An answer.
   *
   * @param message its number
   * @param upTo the conversation that ends with it
   * @param answer where in that it stands, the token that ends it included
   */
  record Turn(int message, WrittenText upTo, Span answer) {}

  Turns(ChatForm form, SpecialNames names, Document.Conversation conversation)
      throws InvalidDocumentException {
    this.names = names;
    this.conversation = conversation;
    this.writer = new ConversationWriter(form, names, conversation);
    try {
      this.whole = writer.written(conversation.messages().size(), false);
    } catch (TemplateException e) {
      throw new InvalidDocumentException(
          "messages", "the chat template fails: " + e.getMessage(), e);
    }
  }

  WrittenText whole() {
    return whole;
  }

  /** Whether an answer without content is written as Python's word for that. */
  boolean writesMissingContent(ChatForm form) {
    // Most conversations end here, without a copy of them.
    if (!whole.text().contains(NONE)) {
      return false;
    }
    boolean isMissing = false;
    List<Map<String, Object>> filled = new ArrayList<>();
    for (int i = 0; i < conversation.messages().size(); i++) {
      Map<String, Object> message = new LinkedHashMap<>(conversation.messages().get(i));
      isMissing |= conversation.isAnswer(i) && message.replace("content", null, "");
      filled.add(message);
    }
    if (!isMissing) {
      return false;
    }
    Document.Conversation other =
        new Document.Conversation(filled, conversation.tools(), conversation.variables());
    try {
      String text = new ConversationWriter(form, names, other).written(filled.size(), false).text();
      return whole.text().split(NONE, -1).length > text.split(NONE, -1).length;
    } catch (TemplateException | InvalidDocumentException e) {
      return false;
    }
  }

  /**
   * All answers.
   *
   * @throws InvalidDocumentException if the place of one cannot be told; it says which and why
   */
  List<Turn> answers() throws InvalidDocumentException {
    List<Turn> turns = new ArrayList<>();
    int size = conversation.messages().size();
    for (int i = 0; i < size; i++) {
      if (conversation.isAnswer(i)) {
        try {
          turns.add(turn(i, i + 1 == size ? whole : writer.written(i + 1, false)));
        } catch (TemplateException e) {
          throw new InvalidDocumentException(
              "messages[" + i + "]",
              "where this answer is cannot be told, because the chat template fails on a beginning of the conversation, up to it or with it: "
                  + e.getMessage(),
              e);
        }
      }
    }
    return turns;
  }

  private Turn turn(int message, WrittenText upTo) throws InvalidDocumentException {
    String text = upTo.text();
    String prompt = writer.written(message, true).text();
    int start = prompt.length();
    if (!text.startsWith(prompt)) {
      // Some templates begin an answer with a thought that they drop afterwards. What both have is
      // still the prompt.
      String before = writer.written(message, false).text();
      start = common(prompt, text);
      if (!text.startsWith(before) || start <= before.length()) {
        throw new InvalidDocumentException(
            "messages[" + message + "]",
            "where this answer begins cannot be told: the chat template writes the messages before it in another way once it is there");
      }
    }
    return new Turn(message, upTo, new Span(start, end(upTo, start)));
  }

  private static int common(String a, String b) {
    int at = 0;
    while (at < Math.min(a.length(), b.length()) && a.charAt(at) == b.charAt(at)) {
      at++;
    }
    return at;
  }

  /**
   * The end of the token that ends the answer, if only white space follows it; else of the text.
   */
  private int end(WrittenText upTo, int start) {
    String text = upTo.text();
    List<SpecialNames.Place> places =
        names.in(text).stream()
            .filter(p -> p.start() >= start && !upTo.data().contains(p.start()))
            .toList();
    boolean ends = !places.isEmpty() && text.substring(places.getLast().end()).isBlank();
    return ends ? places.getLast().end() : text.length();
  }
}
