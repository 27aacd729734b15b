package dev.lanewise.trainer.text.tokenizer.pretokenizer;

/** The regular expression of a tokenizer's file does not come to an end on a text. */
public final class SlowPatternException extends IllegalArgumentException {

  private static final long serialVersionUID = 1L;

  SlowPatternException() {
    super(
        "the tokenizer's regular expression (pre_tokenizer, pattern.Regex) takes too many steps or"
            + " too much stack on this text");
  }
}
