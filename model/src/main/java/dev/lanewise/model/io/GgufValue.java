package dev.lanewise.model.io;

import java.util.List;

/** A value of a GGUF file's metadata, of those types that models need. */
public sealed interface GgufValue {

  /** An integer from 0 to 2^32 - 1. */
  record Unsigned(long value) implements GgufValue {
    /**
     * Checks the range.
     *
     * @throws IllegalArgumentException if the value is outside
     */
    public Unsigned {
      if (value < 0 || value >= 1L << Integer.SIZE) {
        throw new IllegalArgumentException(value + " does not fit into 32 bits without a sign");
      }
    }
  }

  /** A float of 32 bits. */
  record Real(float value) implements GgufValue {}

  /** True or false. */
  record Flag(boolean value) implements GgufValue {}

  /** A text. */
  record Text(String value) implements GgufValue {}

  /** A list of texts. */
  record Texts(List<String> values) implements GgufValue {
    /** Keeps a copy. */
    public Texts {
      values = List.copyOf(values);
    }
  }

  /** A list of integers of 32 bits. */
  record Integers(List<Integer> values) implements GgufValue {
    /** Keeps a copy. */
    public Integers {
      values = List.copyOf(values);
    }
  }

  /** A list of floats of 32 bits. */
  record Reals(List<Float> values) implements GgufValue {
    /** Keeps a copy. */
    public Reals {
      values = List.copyOf(values);
    }
  }
}
