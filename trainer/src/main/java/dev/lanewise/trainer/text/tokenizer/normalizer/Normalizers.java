package dev.lanewise.trainer.text.tokenizer.normalizer;

import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.trainer.text.tokenizer.TokenizerJson;
import java.util.Map;
import java.util.TreeMap;

/** All kinds of normalizer, by the names that tokenizer files have for them. */
public final class Normalizers {

  /** Leaves text as it is. */
  public static final Normalizer NONE = SequenceNormalizer.NONE;

  /** Reads a normalizer's settings. */
  @FunctionalInterface
  interface Reader {
    Normalizer read(TokenizerJson json, String path) throws InvalidFileException;
  }

  private static final Map<String, Reader> KINDS =
      new TreeMap<>(
          Map.of(
              NfcNormalizer.TYPE,
              (json, path) -> new NfcNormalizer(),
              PrependNormalizer.TYPE,
              PrependNormalizer::read,
              ReplaceNormalizer.TYPE,
              ReplaceNormalizer::read,
              SequenceNormalizer.TYPE,
              SequenceNormalizer::read));

  private Normalizers() {}

  /**
   * Reads the normalizer of a file.
   *
   * @throws InvalidFileException that names what is not known
   */
  public static Normalizer read(TokenizerJson json) throws InvalidFileException {
    json.require("normalizer", "");
    return json.settingsUnder("normalizer").isEmpty() ? NONE : read(json, "normalizer");
  }

  static Normalizer read(TokenizerJson json, String path) throws InvalidFileException {
    String type = path + ".type";
    json.require(type, KINDS.keySet().toArray(String[]::new));
    return KINDS.get(json.setting(type)).read(json, path);
  }
}
