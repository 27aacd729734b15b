package dev.lanewise.trainer.text.conversation;

import dev.lanewise.trainer.text.tokenizer.AddedToken;
import dev.lanewise.trainer.text.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Names of special tokens in texts. Those in a message have to stay text, while the template's own
 * become tokens. So in messages the first character of each is replaced, before they are rendered,
 * by a code that no text has, and the place of that code in what was rendered tells them apart.
 */
final class SpecialNames {
  /** Unicode has 32 codes here that are never characters. */
  private static final char FIRST_CODE = '\ufdd0';

  private static final int CODES = 32;

  /** The names, the longest first. */
  private final List<String> names;

  private final String firstCharacters;

  /** A name in a text. */
  record Place(int start, int end) {}

  SpecialNames(Tokenizer tokenizer) {
    this.names =
        tokenizer.addedTokens().stream()
            .filter(AddedToken::special)
            .map(AddedToken::name)
            .filter(name -> !name.isEmpty())
            .sorted(Comparator.comparingInt(String::length).reversed())
            .toList();
    StringBuilder first = new StringBuilder();
    names.stream().map(name -> name.substring(0, 1)).distinct().forEach(first::append);
    this.firstCharacters = first.toString();
  }

  List<Place> in(String text) {
    List<Place> places = new ArrayList<>();
    int at = 0;
    while (at < text.length()) {
      int end = endOfName(text, at);
      if (end > at) {
        places.add(new Place(at, end));
      }
      at = Math.max(end, at + 1);
    }
    return places;
  }

  private int endOfName(String text, int at) {
    if (firstCharacters.indexOf(text.charAt(at)) >= 0) {
      for (String name : names) {
        if (text.startsWith(name, at)) {
          return at + name.length();
        }
      }
    }
    return -1;
  }

  /** Whether a value of JSON has such a name in a text. */
  boolean isIn(Object value) {
    if (value instanceof String text) {
      return !in(text).isEmpty();
    }
    if (value instanceof List<?> list) {
      return list.stream().anyMatch(this::isIn);
    }
    return value instanceof Map<?, ?> map && map.values().stream().anyMatch(this::isIn);
  }

  /**
   * A conversation with its names coded.
   *
   * @throws InvalidDocumentException if it has the codes already
   */
  Document.Conversation coded(Document.Conversation conversation) throws InvalidDocumentException {
    if (firstCharacters.length() > CODES) {
      throw new InvalidDocumentException(
          "messages",
          "it has names of special tokens, which begin in more than " + CODES + " ways");
    }
    List<Map<String, Object>> messages = new ArrayList<>();
    for (Map<String, Object> message : conversation.messages()) {
      messages.add(codedObject(message));
    }
    List<Object> tools = conversation.tools() == null ? null : codedList(conversation.tools());
    return new Document.Conversation(messages, tools, codedObject(conversation.variables()));
  }

  private Map<String, Object> codedObject(Map<?, ?> object) throws InvalidDocumentException {
    Map<String, Object> coded = new LinkedHashMap<>();
    for (Map.Entry<?, ?> entry : object.entrySet()) {
      coded.put((String) entry.getKey(), codedValue(entry.getValue()));
    }
    return coded;
  }

  private List<Object> codedList(List<?> list) throws InvalidDocumentException {
    List<Object> coded = new ArrayList<>();
    for (Object item : list) {
      coded.add(codedValue(item));
    }
    return coded;
  }

  private Object codedValue(Object value) throws InvalidDocumentException {
    if (value instanceof Map<?, ?> map) {
      return codedObject(map);
    }
    if (value instanceof List<?> list) {
      return codedList(list);
    }
    return value instanceof String text ? codedText(text) : value;
  }

  private String codedText(String text) throws InvalidDocumentException {
    if (text.chars().anyMatch(SpecialNames::isCode)) {
      throw new InvalidDocumentException(
          "messages", "it has a code from U+FDD0 to U+FDEF, which is no character");
    }
    StringBuilder coded = new StringBuilder(text);
    for (Place place : in(text)) {
      coded.setCharAt(
          place.start(), (char) (FIRST_CODE + firstCharacters.indexOf(text.charAt(place.start()))));
    }
    return coded.toString();
  }

  private static boolean isCode(int c) {
    return c >= FIRST_CODE && c < FIRST_CODE + CODES;
  }

  /** A rendered text with its characters again in place of the codes. */
  String decoded(String text) {
    StringBuilder decoded = new StringBuilder(text);
    for (int i = 0; i < decoded.length(); i++) {
      int code = decoded.charAt(i) - FIRST_CODE;
      if (code >= 0 && code < firstCharacters.length()) {
        decoded.setCharAt(i, firstCharacters.charAt(code));
      }
    }
    return decoded.toString();
  }

  /** Where the codes stand. */
  List<Integer> codes(String text) {
    List<Integer> codes = new ArrayList<>();
    for (int i = 0; i < text.length(); i++) {
      if (isCode(text.charAt(i))) {
        codes.add(i);
      }
    }
    return codes;
  }
}
