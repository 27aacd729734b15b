package dev.lanewise.trainer.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;

/**
 * Something that a command tells: in words for people, and as an object for scripts, whose fields
 * docs/USAGE.md promises.
 */
interface Message {

  /** The field {@code type} of the object. */
  String type();

  /** For people, without a line feed at the end. */
  String text();

  /** Writes the other fields. */
  void write(JsonGenerator json) throws IOException;

  /** Writes a number; JSON has none for what is not finite. */
  static void number(JsonGenerator json, String name, double value) throws IOException {
    if (Double.isFinite(value)) {
      json.writeNumberField(name, value);
    } else {
      json.writeNullField(name);
    }
  }
}
