package dev.lanewise.model.io;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Says what is wrong with a text that is not JSON. The parser's own messages are for who programs
 * with it: they name its settings, and a source that it does not know.
 */
public final class JsonMistake {

  private static final int LONGEST_WORD = 40;

  /** Words for what the parser says, in which $1 is what it quotes from the text. */
  private static final Map<Pattern, String> WORDS = words();

  private JsonMistake() {}

  private static Map<Pattern, String> words() {
    Map<Pattern, String> words = new LinkedHashMap<>();
    words.put(
        Pattern.compile("^Unexpected end-of-input"),
        "it ends too early; it may have been cut short");
    words.put(Pattern.compile("^Duplicate field '(.*)'"), "duplicate name \"$1\"");
    words.put(
        Pattern.compile("depth \\(\\d+\\) exceeds .* \\((\\d+),"), "nested more than $1 deep");
    words.put(
        Pattern.compile("^String value length .* \\((\\d+),"),
        "a string of more than $1 characters");
    words.put(
        Pattern.compile("^Number value length .* \\((\\d+),"), "a number of more than $1 digits");
    words.put(Pattern.compile("^Name length .* \\((\\d+),"), "a name of more than $1 characters");
    words.put(Pattern.compile("^Numeric value "), "a number that is out of range");
    words.put(Pattern.compile("^Non-standard token '(.*?)'"), "$1 is not a number of JSON");
    words.put(
        Pattern.compile("^Unrecognized token '(.*?)'"),
        "$1 is not a value of JSON; text has to stand in double quotes");
    words.put(
        Pattern.compile("^Illegal unquoted character"),
        "a control character in a string; a line feed is written \\n, a tab \\t");
    words.put(
        Pattern.compile("^Unrecognized character escape '(.*?)'"),
        "\\$1 in a string means nothing");
    words.put(Pattern.compile("^Unexpected close marker '(.*?)'"), "$1 closes what was not opened");
    words.put(
        Pattern.compile(
            "^Unexpected character \\('(.*?)' \\(code.*double-quote to start field name"),
        "$1 where a name in double quotes has to be");
    words.put(
        Pattern.compile("^Unexpected character \\('(.*?)' \\(code.*expecting comma"),
        "$1 where a comma or the end has to be");
    words.put(
        Pattern.compile("^Unexpected character \\('(.*?)' \\(code.*colon"),
        "$1 where a colon has to be");
    words.put(
        Pattern.compile("^Unexpected character \\('(.*?)' \\(code"), "$1 is not expected here");
    words.put(
        Pattern.compile("^Invalid numeric value: Leading zeroes"), "a number with zeros before it");
    words.put(Pattern.compile("surrogate"), "half of a character");
    return words;
  }

  /** Says what is wrong, and where; the line only where it is not the first. */
  public static String describe(JsonProcessingException problem) {
    JsonLocation at = problem.getLocation();
    String where = "";
    if (at != null && at.getColumnNr() > 0) {
      String line = at.getLineNr() > 1 ? "line " + at.getLineNr() + ", " : "";
      where = " at " + line + "column " + at.getColumnNr();
    }
    return "not valid JSON" + where + ": " + reason(problem.getOriginalMessage());
  }

  private static String reason(String message) {
    for (Map.Entry<Pattern, String> each : WORDS.entrySet()) {
      Matcher said = each.getKey().matcher(message);
      if (said.find()) {
        String quoted = said.groupCount() == 0 ? "" : shown(said.group(1));
        return each.getValue().replace("$1", quoted);
      }
    }
    return "what stands here cannot be read";
  }

  private static String shown(String text) {
    return text.length() <= LONGEST_WORD
        ? InvalidFileException.quote(text)
        : InvalidFileException.quote(text.substring(0, LONGEST_WORD)) + "...";
  }

  /** Names what was found where something else belongs. */
  static String nameOf(JsonToken token) {
    if (token == null) {
      return "the end";
    }
    return switch (token) {
      case START_OBJECT -> "an object";
      case END_OBJECT -> "the end of an object";
      case START_ARRAY -> "a list";
      case END_ARRAY -> "the end of a list";
      case FIELD_NAME -> "a name";
      case VALUE_STRING -> "a string";
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "a number";
      case VALUE_TRUE, VALUE_FALSE -> "true or false";
      case VALUE_NULL -> "null";
      case NOT_AVAILABLE, VALUE_EMBEDDED_OBJECT -> "something else";
    };
  }
}
