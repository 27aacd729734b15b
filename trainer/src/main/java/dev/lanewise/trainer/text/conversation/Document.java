package dev.lanewise.trainer.text.conversation;

import java.util.List;
import java.util.Map;

/** One line of a JSON Lines file. */
public sealed interface Document {

  /** {@code {"text"}}: all of it counts. */
  record Text(String text) implements Document {}

  /** {@code {"prompt", "completion"}}: the completion counts. */
  record Completion(String prompt, String completion) implements Document {}

  /**
   * {@code {"messages"}}: what the assistant says counts.
   *
   * @param messages objects of JSON, each with a {@code role}
   * @param tools what the template is told of tools, or null
   * @param variables more that the template is told: {@code chat_template_kwargs}
   */
  record Conversation(
      List<Map<String, Object>> messages, List<Object> tools, Map<String, Object> variables)
      implements Document {

    /** A conversation without tools. */
    public static Conversation of(List<Map<String, Object>> messages) {
      return new Conversation(messages, null, Map.of());
    }

    boolean isAnswer(int message) {
      return "assistant".equals(messages.get(message).get("role"));
    }

    /** Its first messages. */
    Conversation first(int count) {
      return new Conversation(messages.subList(0, count), tools, variables);
    }
  }
}
