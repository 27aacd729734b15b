package dev.lanewise.trainer.text.tokenizer.bytefallback;

import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.trainer.text.tokenizer.TokenEncoder;
import dev.lanewise.trainer.text.tokenizer.TokenizerJson;
import dev.lanewise.trainer.text.tokenizer.Utf8;
import dev.lanewise.trainer.text.tokenizer.normalizer.ReplaceNormalizer;
import java.util.Arrays;
import java.util.Locale;

/**
 * The pre-tokenizer that writes spaces as a mark and puts one in front.
 *
 * @param mark the character that stands for a space
 * @param prepend where one is put, unless one is there
 * @param splits whether each begins a word of its own
 */
record Metaspace(String mark, Prepend prepend, boolean splits) {

  static final String TYPE = "Metaspace";

  /** What is between two added tokens, or before or behind one, is a part of a text. */
  enum Prepend {
    ALWAYS,
    FIRST,
    NEVER;

    private static String[] names() {
      return Arrays.stream(values())
          .map(p -> p.name().toLowerCase(Locale.ROOT))
          .toArray(String[]::new);
    }
  }

  static Metaspace read(TokenizerJson json, String path) throws InvalidFileException {
    String mark = json.setting(path + ".replacement");
    if (mark.isEmpty() || mark.length() != Character.charCount(mark.codePointAt(0))) {
      throw json.problem(path + ".replacement", "a character is needed");
    }
    return new Metaspace(mark, prepend(json, path), json.flag(path + ".split", true));
  }

  /** Older files have only the other field, newer ones may have both. */
  private static Prepend prepend(TokenizerJson json, String path) throws InvalidFileException {
    String field = path + ".prepend_scheme";
    String scheme = json.setting(field);
    boolean space = json.flag(path + ".add_prefix_space", true);
    if (scheme.isEmpty()) {
      return space ? Prepend.ALWAYS : Prepend.NEVER;
    }
    json.require(field, Prepend.names());
    if (!space) {
      json.require(field, Prepend.NEVER.name().toLowerCase(Locale.ROOT));
    }
    return Prepend.valueOf(scheme.toUpperCase(Locale.ROOT));
  }

  /** The character that begins a word of its own; -1 if there is none. */
  int wordStart() {
    return splits ? mark.codePointAt(0) : -1;
  }

  /** The step that puts a mark in front of parts. */
  MarkFirstEncoder marking(TokenEncoder next) {
    return new MarkFirstEncoder(Utf8.bytes(mark), prepend, next);
  }

  /** The step before it, that writes spaces as marks. */
  TokenEncoder replacing(TokenEncoder next) {
    return new ReplaceNormalizer(" ", mark).before(next);
  }
}
