package dev.lanewise.trainer.settings;

import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Some settings, from one place: a preset, a file, or the command line. A layer laid over another
 * hides those settings of it that both have. Immutable.
 */
public final class ConfigLayer {

  private static final ConfigLayer EMPTY = new ConfigLayer(new EnumMap<>(ConfigKey.class));

  private final EnumMap<ConfigKey, Object> values;

  private ConfigLayer(EnumMap<ConfigKey, Object> values) {
    this.values = values;
  }

  /** Returns a layer without settings. */
  public static ConfigLayer empty() {
    return EMPTY;
  }

  /** Returns the layer of all settings of a configuration. */
  public static ConfigLayer of(TrainingConfig config) {
    EnumMap<ConfigKey, Object> values = new EnumMap<>(ConfigKey.class);
    for (ConfigKey key : ConfigKey.values()) {
      values.put(key, key.valueIn(config));
    }
    return new ConfigLayer(values);
  }

  /**
   * Returns this layer with one setting more, or changed.
   *
   * @throws IllegalArgumentException if the value is not of the setting's type
   */
  public ConfigLayer with(ConfigKey key, Object value) {
    if (!key.type().javaType().isInstance(value)) {
      throw new IllegalArgumentException(key.key() + " cannot be " + value);
    }
    EnumMap<ConfigKey, Object> changed = new EnumMap<>(values);
    changed.put(key, value);
    return new ConfigLayer(changed);
  }

  /** Returns this layer laid over another one. */
  public ConfigLayer over(ConfigLayer below) {
    EnumMap<ConfigKey, Object> merged = new EnumMap<>(below.values);
    merged.putAll(values);
    return new ConfigLayer(merged);
  }

  /** Returns the settings that this layer has. */
  public Set<ConfigKey> keys() {
    return Set.copyOf(values.keySet());
  }

  /** Returns the value of a setting, if this layer has it. */
  public Optional<Object> value(ConfigKey key) {
    return Optional.ofNullable(values.get(key));
  }

  /**
   * Makes a configuration of a layer that has every setting. Ranges are not checked: see {@link
   * ConfigCheck}.
   *
   * @throws IllegalStateException if settings are missing
   */
  public TrainingConfig toConfig() {
    for (ConfigKey key : ConfigKey.values()) {
      if (!values.containsKey(key)) {
        throw new IllegalStateException("there is no value for " + key.key());
      }
    }
    return new TrainingConfig(
        (TokenizerKind) values.get(ConfigKey.TOKENIZER),
        integer(ConfigKey.VOCABULARY),
        integer(ConfigKey.CONTEXT),
        integer(ConfigKey.D_MODEL),
        integer(ConfigKey.HEADS),
        integer(ConfigKey.LAYERS),
        integer(ConfigKey.D_FF),
        (Boolean) values.get(ConfigKey.BIASES),
        (Boolean) values.get(ConfigKey.TIED_HEAD),
        number(ConfigKey.DROPOUT),
        integer(ConfigKey.BATCH),
        integer(ConfigKey.ACCUMULATION),
        integer(ConfigKey.SHARDS),
        whole(ConfigKey.STEPS),
        number(ConfigKey.LR),
        number(ConfigKey.MIN_LR),
        whole(ConfigKey.WARMUP),
        number(ConfigKey.BETA1),
        number(ConfigKey.BETA2),
        number(ConfigKey.EPSILON),
        number(ConfigKey.WEIGHT_DECAY),
        number(ConfigKey.CLIP),
        whole(ConfigKey.SEED),
        whole(ConfigKey.EVALUATE_EVERY),
        whole(ConfigKey.CHECKPOINT_EVERY),
        integer(ConfigKey.KEEP),
        (String) values.get(ConfigKey.PROMPT),
        integer(ConfigKey.SAMPLE_TOKENS));
  }

  private int integer(ConfigKey key) {
    return (Integer) values.get(key);
  }

  private long whole(ConfigKey key) {
    return (Long) values.get(key);
  }

  private double number(ConfigKey key) {
    return (Double) values.get(key);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ConfigLayer layer && values.equals(layer.values);
  }

  @Override
  public int hashCode() {
    return values.hashCode();
  }

  @Override
  public String toString() {
    return Map.copyOf(values).toString();
  }
}
