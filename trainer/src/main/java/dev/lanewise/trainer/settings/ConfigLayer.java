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

  /** Returns whether there is no setting in it. */
  public boolean isEmpty() {
    return values.isEmpty();
  }

  /** Returns the layer of all settings. */
  public static ConfigLayer of(Settings settings) {
    EnumMap<ConfigKey, Object> values = new EnumMap<>(ConfigKey.class);
    for (ConfigKey key : ConfigKey.values()) {
      values.put(key, key.valueIn(settings));
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

  /**
   * Returns this layer without the settings that the model which it names to begin with decides.
   */
  ConfigLayer withoutWhatABaseDecides() {
    if (text(ConfigKey.FROM).isEmpty()) {
      return this;
    }
    EnumMap<ConfigKey, Object> left = new EnumMap<>(values);
    left.keySet().removeIf(ConfigKey::isOfNewModel);
    return new ConfigLayer(left);
  }

  /** Returns the settings that this layer has. */
  public Set<ConfigKey> keys() {
    return Set.copyOf(values.keySet());
  }

  /** Returns the value of a setting, if this layer has it. */
  public Optional<Object> value(ConfigKey key) {
    return Optional.ofNullable(values.get(key));
  }

  /** Makes settings; those that this layer does not have get their defaults. */
  public Settings toSettings() {
    return Settings.of(this);
  }

  private Object get(ConfigKey key) {
    return values.getOrDefault(key, key.defaultValue());
  }

  int integer(ConfigKey key) {
    return (Integer) get(key);
  }

  long whole(ConfigKey key) {
    return (Long) get(key);
  }

  double number(ConfigKey key) {
    return (Double) get(key);
  }

  boolean flag(ConfigKey key) {
    return (Boolean) get(key);
  }

  String text(ConfigKey key) {
    return (String) get(key);
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
