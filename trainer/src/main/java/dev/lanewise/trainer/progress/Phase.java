package dev.lanewise.trainer.progress;

/** Work that may take long. Scripts know it by its {@link #id}, which never changes. */
public enum Phase {
  /** The standard input is saved, whose length nobody knows. */
  INPUT("input", "reading the standard input", Unit.BYTES),
  /** The text is read for the first time, for its fingerprint. */
  READING("reading", "reading the text", Unit.BYTES),
  /** The text is read for its vocabulary. */
  COUNTING("counting", "counting the words of the text", Unit.BYTES),
  /** Byte pairs become tokens. */
  LEARNING("learning", "learning the vocabulary", Unit.TOKENS),
  /** The text becomes tokens. */
  ENCODING("encoding", "encoding the text", Unit.BYTES),
  /** Files are compared with their SHA-256. */
  CHECKING("checking", "checking files", Unit.BYTES),
  /** Weights are read. */
  LOADING("loading", "loading the model", Unit.BYTES),
  /** A prompt goes through the model. */
  PROMPT("prompt", "reading the prompt", Unit.TOKENS),
  /** Steps are taken. */
  TRAINING("training", "training", Unit.STEPS),
  /** The loss on a text is computed. */
  EVALUATING("evaluating", "evaluating", Unit.TOKENS),
  /** A model is written for other programs. */
  EXPORTING("exporting", "writing the model", Unit.BYTES);

  /** What is counted. */
  public enum Unit {
    /** Bytes. */
    BYTES("bytes"),
    /** Tokens. */
    TOKENS("tokens"),
    /** Optimizer steps. */
    STEPS("steps");

    private final String id;

    Unit(String id) {
      this.id = id;
    }

    /** Returns the name for people and scripts. */
    public String id() {
      return id;
    }
  }

  private final String id;
  private final String words;
  private final Unit unit;

  Phase(String id, String words, Unit unit) {
    this.id = id;
    this.words = words;
    this.unit = unit;
  }

  /** Returns the name for scripts. */
  public String id() {
    return id;
  }

  /** Returns what is being done, for people. */
  public String words() {
    return words;
  }

  /** Returns what is counted. */
  public Unit unit() {
    return unit;
  }
}
