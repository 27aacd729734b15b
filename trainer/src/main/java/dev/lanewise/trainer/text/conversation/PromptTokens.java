package dev.lanewise.trainer.text.conversation;

import dev.lanewise.trainer.text.template.TemplateException;
import dev.lanewise.trainer.text.tokenizer.AddedToken;
import dev.lanewise.trainer.text.tokenizer.Tokenizer;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Makes of a conversation what a model answers to: all that was said, and the beginning of an
 * answer. What {@link DocumentTokens} makes of the same conversation with its answer begins so.
 */
public final class PromptTokens {
  private static final String QUESTION = "How are you?";
  private static final String ANSWER = "Fine.";

  private final Tokenizer tokenizer;
  private final ChatForm form;
  private final SpecialNames names;
  private final TextEncoder encoder;

  /**
   * Makes it for a model.
   *
   * @param form has to be there, see {@link ChatForm#isThere}
   */
  public PromptTokens(Tokenizer tokenizer, ChatForm form) {
    if (!form.isThere()) {
      throw new IllegalArgumentException("the model has no chat template");
    }
    this.tokenizer = tokenizer;
    this.form = form;
    this.names = new SpecialNames(tokenizer);
    this.encoder = new TextEncoder(tokenizer, names);
  }

  /**
   * Returns the tokens of a conversation whose last message is to be answered. Names of special
   * tokens in messages are ordinary text.
   *
   * @throws InvalidDocumentException if the template refuses the conversation
   */
  public int[] of(Document.Conversation conversation) throws InvalidDocumentException {
    try {
      ConversationWriter writer = new ConversationWriter(form, names, conversation);
      return encoder.ids(writer.written(conversation.messages().size(), true));
    } catch (TemplateException e) {
      throw new InvalidDocumentException(
          "messages", "the chat template fails: " + e.getMessage(), e);
    }
  }

  /**
   * Returns the special token with which the template ends an answer, none if it ends answers
   * otherwise. A model that was tuned on this template writes it, also where its configuration
   * names another one for the end of texts.
   */
  public Set<Integer> answerEnds() {
    Document.Conversation example =
        Document.Conversation.of(
            List.of(
                Map.of("role", "user", "content", QUESTION),
                Map.of("role", "assistant", "content", ANSWER)));
    String text;
    try {
      text = form.render(example, false).text();
    } catch (TemplateException e) {
      // It asks for more than two messages; the model's own end tokens remain.
      return Set.of();
    }
    int end = text.lastIndexOf(ANSWER) + ANSWER.length();
    return names.in(text).stream()
        .filter(place -> place.start() >= end)
        .filter(place -> text.substring(end, place.start()).isBlank())
        .limit(1)
        .map(place -> text.substring(place.start(), place.end()))
        .flatMap(name -> tokenizer.addedTokens().stream().filter(t -> t.name().equals(name)))
        .map(AddedToken::id)
        .collect(Collectors.toUnmodifiableSet());
  }
}
