package dev.lanewise.trainer.chat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A message of the user and the answer to it. */
record Turn(String message, String answer) {

  /** A conversation with an optional system message, some turns, and a message without answer. */
  static List<Map<String, Object>> messages(String system, List<Turn> turns, String message) {
    List<Map<String, Object>> messages = new ArrayList<>();
    add(messages, "system", system);
    for (Turn turn : turns) {
      add(messages, "user", turn.message);
      add(messages, "assistant", turn.answer);
    }
    add(messages, "user", message);
    return messages;
  }

  private static void add(List<Map<String, Object>> messages, String role, String content) {
    if (content != null) {
      messages.add(Map.of("role", role, "content", content));
    }
  }
}
