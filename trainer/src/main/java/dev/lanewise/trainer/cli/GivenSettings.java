package dev.lanewise.trainer.cli;

import dev.lanewise.model.family.AdapterConfig;
import dev.lanewise.model.family.AdapterFolder;
import dev.lanewise.model.io.Counted;
import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.trainer.progress.Progress;
import dev.lanewise.trainer.run.FoundModel;
import dev.lanewise.trainer.run.KnownModel;
import dev.lanewise.trainer.settings.ConfigKey;
import dev.lanewise.trainer.settings.ConfigLayer;
import dev.lanewise.trainer.settings.InvalidConfigException;
import dev.lanewise.trainer.settings.OutputSettings;
import dev.lanewise.trainer.settings.Preset;
import dev.lanewise.trainer.settings.Settings;
import dev.lanewise.trainer.text.TokenizerKinds;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What a user gave by options and a file, and the settings of a run that come of it: with the
 * preset that goes with it, and with what of the preset does not fit made to fit.
 */
final class GivenSettings {

  private static final List<ConfigKey> LENGTHS =
      List.of(ConfigKey.STEPS, ConfigKey.EPOCHS, ConfigKey.MINUTES);

  private static final String ANY_TIME = "wsd";

  private final ConfigLayer given;
  private final Consumer<String> notes;
  private final KnownModel base;

  /**
   * Looks at what was given, and at the model to begin with, if one was.
   *
   * @param notes is told what is other than in the preset
   * @param progress of finding the model
   * @throws InvalidConfigException if options contradict each other
   * @throws IOException if the model cannot be read; the message names the file
   */
  GivenSettings(ConfigLayer options, ConfigLayer file, Consumer<String> notes, Progress progress)
      throws IOException {
    List<ConfigKey> lengths = LENGTHS.stream().filter(options.keys()::contains).toList();
    if (lengths.size() > 1) {
      throw new InvalidConfigException(
          List.of(
              "%s and %s both say how long the run is; give one of them"
                  .formatted(lengths.get(0).option(), lengths.get(1).option())));
    }
    ConfigLayer all = withLength(options).over(withLength(file));
    // As every later command can find them.
    for (ConfigKey key : List.of(ConfigKey.FROM, ConfigKey.ADAPTER)) {
      String path = (String) all.value(key).orElse("");
      all =
          path.isEmpty()
              ? all
              : all.with(key, Path.of(path).toAbsolutePath().normalize().toString());
    }
    String adapter = (String) all.value(ConfigKey.ADAPTER).orElse("");
    if (!adapter.isEmpty()) {
      all = withAdapter(all, Path.of(adapter), progress);
    }
    String from = (String) all.value(ConfigKey.FROM).orElse("");
    this.given = all;
    this.notes = notes;
    this.base = from.isEmpty() ? null : begin(from, progress);
  }

  private static Path findAdapter(Path folder, Progress progress) throws IOException {
    try {
      return FoundModel.find(folder, progress).path();
    } catch (InvalidFileException e) {
      String takes =
          "--adapter takes a run with --lora-rank, one of its checkpoints, or a folder of PEFT's";
      throw new InvalidFileException(Path.of(e.file()), e.field(), e.problem() + "; " + takes, e);
    }
  }

  /** An adapter to go on from decides the settings of adapters, and names its base. */
  private static ConfigLayer withAdapter(ConfigLayer all, Path folder, Progress progress)
      throws IOException {
    List<String> decided =
        List.of(ConfigKey.LORA_RANK, ConfigKey.LORA_ALPHA, ConfigKey.LORA_TARGETS).stream()
            .filter(all.keys()::contains)
            .map(key -> key.option() + ": the adapter of --adapter decides it; leave it out")
            .toList();
    if (!decided.isEmpty()) {
      throw new InvalidConfigException(decided);
    }
    String from = (String) all.value(ConfigKey.FROM).orElse("");
    if (!AdapterFolder.isAt(findAdapter(folder, progress))) {
      throw new InvalidConfigException(
          List.of("--adapter %s: a whole model; begin with it by --from".formatted(folder)));
    }
    KnownModel found = KnownModel.in(folder, from.isEmpty() ? null : Path.of(from), progress);
    AdapterConfig config = found.adapter().config();
    ConfigLayer with =
        all.with(ConfigKey.FROM, found.adapter().base().toString())
            .with(ConfigKey.LORA_RANK, config.rank())
            .with(ConfigKey.LORA_ALPHA, config.alpha())
            .with(ConfigKey.LORA_TARGETS, String.join(",", config.targets()));
    return with.value(ConfigKey.LORA_DROPOUT).isPresent()
        ? with
        : with.with(ConfigKey.LORA_DROPOUT, config.dropout());
  }

  /** Who says how long a run is does not want the length of a preset, or of a file below. */
  private static ConfigLayer withLength(ConfigLayer layer) {
    ConfigLayer all = layer;
    if (LENGTHS.stream().anyMatch(layer.keys()::contains)) {
      for (ConfigKey other : List.of(ConfigKey.EPOCHS, ConfigKey.MINUTES)) {
        all = all.value(other).isPresent() ? all : all.with(other, 0.0);
      }
    }
    return all;
  }

  private KnownModel begin(String from, Progress progress) throws IOException {
    List<String> decided =
        given.keys().stream()
            .filter(ConfigKey::isOfNewModel)
            .map(key -> key.option() + ": the model of --from decides it; leave it out")
            .sorted()
            .toList();
    if (!decided.isEmpty()) {
      throw new InvalidConfigException(decided);
    }
    return KnownModel.wholeIn(Path.of(from), TokenizerKinds.STANDARD, progress);
  }

  /** Returns the model to begin with, if one was given. */
  Optional<KnownModel> base() {
    return Optional.ofNullable(base);
  }

  /** Returns the preset that goes with what was given. */
  Preset preset() {
    if (base == null) {
      return Preset.DEFAULT;
    }
    return (Integer) given.value(ConfigKey.LORA_RANK).orElse(0) > 0 ? Preset.LORA : Preset.TUNE;
  }

  /**
   * Returns the settings of a new run.
   *
   * @param ownText whether it trains on text of the user's
   */
  Settings begun(Preset preset, boolean ownText) {
    ConfigLayer layer = withoutSampling(given, FittedPreset.of(preset.layer(), given, notes));
    if ((preset == Preset.QUICKSTART || preset == Preset.CHAPTER) && ownText) {
      // The preset's prompt is Java, which only the text that is used by default is. The chapter's
      // split would keep the last files by name, which may be of another kind than the rest. And of
      // much text the tenth takes longer to evaluate than the steps between take.
      layer =
          layer
              .with(ConfigKey.PROMPT, "\n")
              .with(ConfigKey.SPLIT, "documents")
              .with(ConfigKey.EVALUATE_TOKENS, OutputSettings.A_TENTH);
    }
    Settings settings = withScheduleOfAnyTime(given.over(withContextOfBase(layer)).toSettings());
    boolean tooLong =
        settings.step().epochs() == 0 && settings.schedule().warmup() >= settings.step().limit();
    boolean explicit = given.value(ConfigKey.WARMUP).isPresent();
    boolean hasSteps = settings.step().limit() > 0;
    return tooLong && hasSteps && !explicit ? withShortWarmup(settings) : settings;
  }

  /**
   * Returns the preset's settings for who trains an adapter: without a sampled softmax, which
   * trains the head.
   */
  static ConfigLayer withoutSampling(ConfigLayer given, ConfigLayer preset) {
    return (Integer) given.value(ConfigKey.LORA_RANK).orElse(0) > 0
        ? preset.with(ConfigKey.SAMPLED_SOFTMAX, 0)
        : preset;
  }

  /** Returns the settings of a run that goes on. */
  Settings resumed(ConfigLayer run) {
    return given.over(run).toSettings();
  }

  private ConfigLayer withContextOfBase(ConfigLayer layer) {
    int asked = layer.toSettings().model().context();
    if (base == null || given.value(ConfigKey.CONTEXT).isPresent()) {
      return layer;
    }
    int sees = base.description().config().contextLength();
    if (sees >= asked) {
      return layer;
    }
    notes.accept(
        "for a model that sees %s, --context is %d instead of %d"
            .formatted(Counted.of(sees, "token"), sees, asked));
    return layer.with(ConfigKey.CONTEXT, sees);
  }

  /** The presets' schedules have to know the end, which minutes decide on the way. */
  private Settings withScheduleOfAnyTime(Settings settings) {
    boolean explicit = given.value(ConfigKey.SCHEDULE).isPresent();
    if (!settings.step().isOpen() || explicit || settings.schedule().kind().equals(ANY_TIME)) {
      return settings;
    }
    notes.accept(
        "for --minutes, --schedule is %s instead of %s"
            .formatted(ANY_TIME, settings.schedule().kind()));
    return settings.with(ConfigKey.SCHEDULE, ANY_TIME);
  }

  /** The presets' warmups are for their own numbers of steps. */
  private Settings withShortWarmup(Settings settings) {
    long steps = settings.step().steps();
    notes.accept(
        String.format(
            Locale.ROOT,
            "for %s, --warmup is %d instead of %d",
            Counted.of(steps, "step"),
            steps / 10,
            settings.schedule().warmup()));
    return settings.with(ConfigKey.WARMUP, steps / 10);
  }
}
