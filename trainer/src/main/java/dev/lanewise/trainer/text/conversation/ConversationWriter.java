package dev.lanewise.trainer.text.conversation;

import dev.lanewise.trainer.text.template.Rendering;
import dev.lanewise.trainer.text.template.TemplateException;
import java.util.HashSet;
import java.util.Set;

/** Writes a conversation and its beginnings, and tells which names of special tokens are text. */
final class ConversationWriter {
  private final ChatForm form;
  private final SpecialNames names;
  private final Document.Conversation conversation;
  private final Document.Conversation coded;

  ConversationWriter(ChatForm form, SpecialNames names, Document.Conversation conversation)
      throws InvalidDocumentException {
    this.form = form;
    this.names = names;
    this.conversation = conversation;
    boolean plain =
        !names.isIn(conversation.messages())
            && !names.isIn(conversation.tools())
            && !names.isIn(conversation.variables());
    this.coded = plain ? null : names.coded(conversation);
  }

  /**
   * Writes the first messages.
   *
   * @param promptsAnswer whether the beginning of an answer follows
   * @throws TemplateException if the template refuses them
   * @throws InvalidDocumentException if the template acts on the name of a special token
   */
  WrittenText written(int messages, boolean promptsAnswer) throws InvalidDocumentException {
    Rendering rendering = form.render(conversation.first(messages), promptsAnswer);
    if (coded == null) {
      return new WrittenText(rendering.text(), Set.of(), rendering.generated());
    }
    String withCodes = form.render(coded.first(messages), promptsAnswer).text();
    if (!names.decoded(withCodes).equals(rendering.text())) {
      throw new InvalidDocumentException(
          "messages",
          "it has the name of a special token, and the chat template acts on that: whether it is text or the token cannot be told");
    }
    return new WrittenText(
        rendering.text(), new HashSet<>(names.codes(withCodes)), rendering.generated());
  }
}
