package dev.lanewise.trainer.text.tokenizer.bytefallback;

import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.trainer.text.tokenizer.PostProcessor;
import dev.lanewise.trainer.text.tokenizer.SourceFiles;
import dev.lanewise.trainer.text.tokenizer.TokenizerJson;
import dev.lanewise.trainer.text.tokenizer.merge.MergeAssembly;
import dev.lanewise.trainer.text.tokenizer.merge.TextRules;
import dev.lanewise.trainer.text.tokenizer.normalizer.Normalizer;
import dev.lanewise.trainer.text.tokenizer.normalizer.Normalizers;
import java.io.IOException;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** Byte pair encoding with byte fallback in a {@code tokenizer.json}. */
public final class ByteFallbackFiles {

  private static final String PRE_TOKENIZER = "pre_tokenizer";
  private static final String SPLIT = "Split";

  private ByteFallbackFiles() {}

  /** Whether a file's model, which is of byte pairs, is of this kind. */
  public static boolean isTold(TokenizerJson json) throws InvalidFileException {
    return json.flag("model.byte_fallback", false);
  }

  /** Reads a file; a setting that changes the ids and is not known is refused. */
  public static ByteFallbackTokenizer read(TokenizerJson json) throws IOException {
    MergeAssembly.requireKnown(json);
    json.require(PRE_TOKENIZER, "");
    Normalizer normalizer = Normalizers.read(json);
    Metaspace metaspace = preTokenizer(json, normalizer);
    DecoderRules decoding = DecoderRules.read(json);
    TextRules rules =
        new TextRules(
            normalizer,
            List.copyOf(json.addedTokens().values()),
            PostProcessor.readPrefix(json),
            null,
            settings(json));
    MergeAssembly files = MergeAssembly.of(json);
    files.requireFit(json.addedInOrder());
    long[] pairs = files.pairs(json.merges());
    try {
      ByteFallbackModel model =
          new ByteFallbackModel(
              json.vocabulary().tokens(),
              pairs,
              unknown(json),
              json.flag("model.fuse_unk", false),
              json.flag("model.ignore_merges", false));
      if (!model.ignoresMerges()) {
        files.warnOfUnmade(model.unmade(), json.addedTokens().keySet());
      }
      return new ByteFallbackTokenizer(model, metaspace, decoding, rules, SourceFiles.with(json));
    } catch (IllegalArgumentException e) {
      throw new InvalidFileException(json.file(), MergeAssembly.MERGES, e.getMessage(), e);
    }
  }

  /** Null where texts are not cut: Gemma's cuts at spaces, of which its normalizer leaves none. */
  private static Metaspace preTokenizer(TokenizerJson json, Normalizer normalizer)
      throws InvalidFileException {
    String type = PRE_TOKENIZER + ".type";
    json.require(type, Metaspace.TYPE, SPLIT, "");
    if (!json.setting(type).equals(SPLIT)) {
      return json.setting(type).isEmpty() ? null : Metaspace.read(json, PRE_TOKENIZER);
    }
    json.require(PRE_TOKENIZER + ".pattern.String", " ");
    json.require(PRE_TOKENIZER + ".invert", "false", "");
    if (normalizer.normalize("a b").indexOf(' ') >= 0) {
      throw json.problem(type, "is not supported where the normalizer leaves spaces");
    }
    return null;
  }

  private static int unknown(TokenizerJson json) {
    String unknown = json.setting("model.unk_token");
    return unknown.isEmpty() ? ByteFallbackModel.NONE : json.vocabulary().tokens().indexOf(unknown);
  }

  private static String settings(TokenizerJson json) {
    SortedMap<String, String> settings = new TreeMap<>();
    for (String step : List.of("normalizer", PRE_TOKENIZER, "decoder")) {
      settings.putAll(json.settingsUnder(step));
    }
    return settings.toString();
  }
}
