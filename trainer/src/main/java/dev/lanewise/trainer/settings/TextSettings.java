package dev.lanewise.trainer.settings;

import dev.lanewise.trainer.text.CorpusLayout;
import dev.lanewise.trainer.text.DocumentLayout;
import dev.lanewise.trainer.text.JdkSources;
import dev.lanewise.trainer.text.TokenizerKinds;
import dev.lanewise.trainer.text.ValidationSplit;
import dev.lanewise.trainer.text.conversation.LongDocuments;
import dev.lanewise.trainer.text.conversation.TrainOn;
import dev.lanewise.trainer.text.tokenizer.Tokenizer;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.Locale;

/**
 * How text becomes ids.
 *
 * @param tokenizer the name of a {@link dev.lanewise.trainer.text.TokenizerKind}
 * @param vocabulary ids to train a byte pair encoding to; other tokenizers bring their own number
 * @param separator what stands between documents, see {@link CorpusLayout}; empty for the
 *     tokenizer's end token
 * @param special whether the names of special tokens in the text stand for the tokens
 * @param split the name of a {@link ValidationSplit}
 * @param jdk the name of a {@link JdkSources.Selection}: what is read where no text is named
 * @param trainOn which tokens of JSON Lines count: the name of a {@link TrainOn}
 * @param longDocuments what becomes of documents that are longer than the context: the name of a
 *     {@link LongDocuments}
 */
public record TextSettings(
    String tokenizer,
    int vocabulary,
    String separator,
    boolean special,
    String split,
    String jdk,
    String trainOn,
    String longDocuments) {

  static TextSettings of(ConfigLayer values) {
    return new TextSettings(
        values.text(ConfigKey.TOKENIZER),
        values.integer(ConfigKey.VOCABULARY),
        values.text(ConfigKey.SEPARATOR),
        values.flag(ConfigKey.SPECIAL),
        values.text(ConfigKey.SPLIT),
        values.text(ConfigKey.JDK),
        values.text(ConfigKey.TRAIN_ON),
        values.text(ConfigKey.LONG));
  }

  void check(Problems problems) {
    if (TokenizerKinds.learns(tokenizer)) {
      problems.requireBetween(
          ConfigKey.VOCABULARY,
          vocabulary,
          TokenizerKinds.leastVocabulary(tokenizer),
          Tokenizer.MAX_VOCABULARY);
    }
    problems.require(
        ValidationSplit.named(split).isPresent(),
        ConfigKey.SPLIT,
        split,
        "is no way to choose the text for validation; there are " + ValidationSplit.names());
    problems.require(
        JdkSources.Selection.named(jdk).isPresent(),
        ConfigKey.JDK,
        jdk,
        "is no part of the JDK's sources; there are " + JdkSources.Selection.names());
    problems.require(
        Arrays.stream(TrainOn.values()).anyMatch(each -> each.id().equals(trainOn)),
        ConfigKey.TRAIN_ON,
        trainOn,
        "is not answers or all");
    problems.require(
        Arrays.stream(LongDocuments.values()).anyMatch(each -> each.id().equals(longDocuments)),
        ConfigKey.LONG,
        longDocuments,
        "is not cut or split");
  }

  /**
   * Returns how documents of JSON Lines become ids.
   *
   * @param context the most tokens of one
   * @param seed draws documents for validation
   * @param today what chat templates are told that ask for the date
   */
  public DocumentLayout documents(int context, long seed, LocalDate today) {
    return new DocumentLayout(
        context,
        TrainOn.valueOf(trainOn.toUpperCase(Locale.ROOT)),
        LongDocuments.valueOf(longDocuments.toUpperCase(Locale.ROOT)),
        seed,
        today);
  }

  /** Returns which of the JDK's sources are read where no text is named. */
  public JdkSources.Selection jdkSources() {
    return JdkSources.Selection.named(jdk).orElseThrow();
  }

  /**
   * Returns how documents become ids.
   *
   * @param seed draws documents for validation
   */
  public CorpusLayout layout(long seed) {
    return new CorpusLayout(
        separator.isEmpty() ? null : separator,
        special,
        ValidationSplit.named(split).orElseThrow(),
        seed);
  }
}
