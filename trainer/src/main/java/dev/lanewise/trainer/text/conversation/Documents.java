package dev.lanewise.trainer.text.conversation;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Makes documents of JSON values; what is missing or of another type is named. */
final class Documents {
  private static final String MESSAGES = "messages";
  private static final String PROMPT = "prompt";
  private static final String COMPLETION = "completion";
  private static final String TEXT = "text";
  private static final String TOOLS = "tools";
  private static final String VARIABLES = "chat_template_kwargs";

  /** What is read of a document; all else is passed over. */
  static final Set<String> FIELDS = Set.of(MESSAGES, PROMPT, COMPLETION, TEXT, TOOLS, VARIABLES);

  private Documents() {}

  /**
   * Messages go before prompt and completion, and these before text: data sets have them beside
   * each other.
   */
  static Document of(Object value) throws InvalidDocumentException {
    Map<String, Object> fields = withoutEmptyColumns(object(value, ""));
    if (fields.containsKey(MESSAGES)) {
      return conversation(fields);
    }
    if (fields.containsKey(COMPLETION)
        || (fields.containsKey(PROMPT) && !fields.containsKey(TEXT))) {
      return new Document.Completion(string(fields, PROMPT), string(fields, COMPLETION));
    }
    if (fields.containsKey(TEXT)) {
      return new Document.Text(string(fields, TEXT));
    }
    throw new InvalidDocumentException(
        "",
        "it has neither \"text\" nor \"prompt\" and \"completion\" nor \"messages\", but "
            + (fields.isEmpty() ? "nothing" : String.join(", ", fields.keySet())));
  }

  /** A table with columns for several kinds of documents writes null in those that a row leaves. */
  private static Map<String, Object> withoutEmptyColumns(Map<String, Object> fields) {
    boolean messages = fields.get(MESSAGES) != null;
    boolean completion = fields.get(PROMPT) != null || fields.get(COMPLETION) != null;
    boolean text = fields.get(TEXT) != null;
    Map<String, Object> left = new LinkedHashMap<>(fields);
    if (!messages && (completion || text)) {
      left.remove(MESSAGES);
    }
    if (!completion && (messages || text)) {
      left.remove(PROMPT);
      left.remove(COMPLETION);
    }
    if (!text && (messages || completion)) {
      left.remove(TEXT);
    }
    return left;
  }

  private static Document conversation(Map<String, Object> fields) throws InvalidDocumentException {
    List<Map<String, Object>> messages = new ArrayList<>();
    for (Object item : list(fields.get(MESSAGES), MESSAGES)) {
      String field = MESSAGES + "[" + messages.size() + "]";
      Map<String, Object> message = object(item, field);
      if (!(message.get("role") instanceof String role) || role.isEmpty()) {
        throw new InvalidDocumentException(
            field + ".role",
            expected("a string", message.get("role"), message.containsKey("role")));
      }
      requireContent(message, field + ".content");
      messages.add(message);
    }
    if (messages.isEmpty()) {
      throw new InvalidDocumentException(MESSAGES, "the list is empty");
    }
    Object tools = fields.get(TOOLS);
    Object variables = fields.get(VARIABLES);
    return new Document.Conversation(
        messages,
        tools == null ? null : list(tools, TOOLS),
        variables == null ? Map.of() : object(variables, VARIABLES));
  }

  /** Text, or a list of parts; with calls of tools it may be absent. */
  private static void requireContent(Map<String, Object> message, String field)
      throws InvalidDocumentException {
    Object content = message.get("content");
    if (content instanceof String || (content == null && message.get("tool_calls") != null)) {
      return;
    }
    if (!(content instanceof List<?> parts)) {
      throw new InvalidDocumentException(
          field, expected("a string", content, message.containsKey("content")));
    }
    for (int i = 0; i < parts.size(); i++) {
      object(parts.get(i), field + "[" + i + "]");
    }
  }

  private static String string(Map<String, Object> fields, String name)
      throws InvalidDocumentException {
    if (fields.get(name) instanceof String text) {
      return text;
    }
    throw new InvalidDocumentException(
        name, expected("a string", fields.get(name), fields.containsKey(name)));
  }

  @SuppressWarnings("unchecked") // The names of a JSON object are strings.
  private static Map<String, Object> object(Object value, String field)
      throws InvalidDocumentException {
    if (value instanceof Map<?, ?> map) {
      return (Map<String, Object>) map;
    }
    throw new InvalidDocumentException(field, expected("an object", value, true));
  }

  @SuppressWarnings("unchecked") // A JSON list may hold anything.
  private static List<Object> list(Object value, String field) throws InvalidDocumentException {
    if (value instanceof List<?> list) {
      return (List<Object>) list;
    }
    throw new InvalidDocumentException(field, expected("a list", value, true));
  }

  private static String expected(String wanted, Object found, boolean present) {
    if (!present) {
      return "it is missing: " + wanted + " is expected";
    }
    String kind =
        found == null
            ? "null"
            : found instanceof Map
                ? "an object"
                : found instanceof List
                    ? "a list"
                    : found instanceof String ? "\"" + found + "\"" : found.toString();
    return "expected " + wanted + ", found " + kind;
  }
}
