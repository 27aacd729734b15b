package dev.lanewise.trainer.settings;

/** How text becomes ids. */
public enum TokenizerKind {
  /** Byte-level byte pair encoding, trained on the corpus. */
  BPE,
  /** One id per character of the corpus. */
  CHAR,
  /** GPT-2's own byte pair encoding, 50257 ids. */
  GPT2
}
