package dev.lanewise.trainer.text;

import dev.lanewise.trainer.text.token.SeededOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** Which part of a text is kept for validation: about a tenth of its bytes, or less. */
public enum ValidationSplit {

  /** The last tenth of the joined text. */
  TAIL {
    @Override
    List<Long> trainingBytes(List<Long> documents, long seed) {
      long left = nineTenths(sum(documents));
      List<Long> training = new ArrayList<>();
      for (long bytes : documents) {
        training.add(Math.min(bytes, left));
        left -= training.getLast();
      }
      return training;
    }
  },

  /**
   * Whole documents, drawn by seed: each that fits into what is left of the tenth. Where those make
   * less than half of it, the first that did not fit gives its end; so one document alone gives its
   * last tenth.
   */
  DOCUMENTS {
    @Override
    List<Long> trainingBytes(List<Long> documents, long seed) {
      return draw(documents, seed, tenth(documents));
    }
  },

  /**
   * Documents likewise, of a large text no more than a million bytes: to measure a model that takes
   * as much as a tenth, and what is kept for it is not learned from.
   */
  FEW {
    @Override
    List<Long> trainingBytes(List<Long> documents, long seed) {
      return draw(documents, seed, Math.min(tenth(documents), MOST_OF_FEW));
    }
  };

  private static final long MOST_OF_FEW = 1_000_000;

  private static final long STEP = -1;

  /** Returns the split of a name in settings, such as {@code documents}, if there is one. */
  public static Optional<ValidationSplit> named(String name) {
    return Arrays.stream(values()).filter(split -> split.id().equals(name)).findAny();
  }

  /** Returns the names, for messages. */
  public static String names() {
    return Arrays.stream(values()).map(ValidationSplit::id).collect(Collectors.joining(", "));
  }

  private String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * Divides documents.
   *
   * @param documents bytes of each
   * @return how many bytes of each, from its beginning, are for training
   */
  abstract List<Long> trainingBytes(List<Long> documents, long seed);

  /** Keeps documents that fit into so many bytes. */
  private static List<Long> draw(List<Long> documents, long seed, long most) {
    List<Long> training = new ArrayList<>(documents);
    long left = most;
    int tooLarge = -1;
    for (int document : SeededOrder.of(documents.size(), seed, STEP)) {
      if (documents.get(document) <= left) {
        training.set(document, 0L);
        left -= documents.get(document);
      } else if (tooLarge < 0) {
        tooLarge = document;
      }
    }
    if (left > most / 2 && tooLarge >= 0) {
      training.set(tooLarge, documents.get(tooLarge) - left);
    }
    return training;
  }

  private static long tenth(List<Long> documents) {
    return sum(documents) - nineTenths(sum(documents));
  }

  static long nineTenths(long bytes) {
    return bytes / 10 * 9 + bytes % 10 * 9 / 10;
  }

  private static long sum(List<Long> documents) {
    return documents.stream().mapToLong(Long::longValue).sum();
  }
}
