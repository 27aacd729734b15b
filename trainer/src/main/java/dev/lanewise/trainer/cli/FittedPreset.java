package dev.lanewise.trainer.cli;

import dev.lanewise.model.family.Families;
import dev.lanewise.trainer.settings.ConfigKey;
import dev.lanewise.trainer.settings.ConfigLayer;
import dev.lanewise.trainer.settings.ConfigType;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A preset for who asks for another family than the preset's: without the tables of n-grams, which
 * belong to that, and with as few of its other choices changed as the family needs.
 */
final class FittedPreset {

  /** What not every family has, or leaves to choose. */
  private static final List<ConfigKey> CHOICES =
      List.of(
          ConfigKey.ROPE_THETA,
          ConfigKey.BIASES,
          ConfigKey.KV_HEADS,
          ConfigKey.HEAD_SIZE,
          ConfigKey.TIED_HEAD);

  /**
   * What may be other than in the preset; the dropout of tables that are not there is of no use.
   */
  private static final List<ConfigKey> TOLD =
      Stream.concat(Stream.of(ConfigKey.NGRAMS), CHOICES.stream()).toList();

  /** A vocabulary does not decide whether a family is possible. */
  private static final int SOME_VOCABULARY = 256;

  private FittedPreset() {}

  /**
   * Returns the preset's settings as they go with what was given. What was given is never changed,
   * so it may still not go with the family.
   *
   * @param notes is told what is other than in the preset
   */
  static ConfigLayer of(ConfigLayer preset, ConfigLayer given, Consumer<String> notes) {
    String own = preset.toSettings().model().family();
    String family = (String) given.value(ConfigKey.FAMILY).orElse(own);
    if (family.equals(own) || Families.STANDARD.find(family).isEmpty()) {
      return preset;
    }
    ConfigLayer begun = preset.with(ConfigKey.NGRAMS, "").with(ConfigKey.NGRAM_DROPOUT, 0.0);
    if (!given.over(begun).toSettings().problems().isEmpty()) {
      return begun;
    }
    List<ConfigKey> open = CHOICES.stream().filter(key -> given.value(key).isEmpty()).toList();
    ConfigLayer fitted =
        IntStream.range(0, 1 << open.size())
            .boxed()
            .sorted(Comparator.comparingInt(Integer::bitCount))
            .map(chosen -> changed(begun, open, chosen))
            .filter(layer -> isPossible(given.over(layer)))
            .findFirst()
            .orElse(begun);
    for (ConfigKey key : TOLD) {
      Object before = key.valueIn(preset.toSettings());
      Object after = key.valueIn(fitted.toSettings());
      if (given.value(key).isEmpty() && !after.equals(before)) {
        notes.accept(
            "for --family %s, %s is %s instead of %s"
                .formatted(family, key.option(), shown(after), shown(before)));
      }
    }
    return fitted;
  }

  private static String shown(Object value) {
    return value.equals("") ? "\"\"" : ConfigType.format(value);
  }

  /** Changes those choices whose bit is set: to a family's own, or to the only other value. */
  private static ConfigLayer changed(ConfigLayer preset, List<ConfigKey> open, int chosen) {
    ConfigLayer layer = preset;
    for (int i = 0; i < open.size(); i++) {
      if ((chosen & 1 << i) != 0) {
        ConfigKey key = open.get(i);
        Object before = key.valueIn(preset.toSettings());
        layer = layer.with(key, before instanceof Boolean flag ? !flag : key.defaultValue());
      }
    }
    return layer;
  }

  private static boolean isPossible(ConfigLayer settings) {
    try {
      settings.toSettings().model().description(SOME_VOCABULARY);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
