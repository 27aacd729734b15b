package dev.lanewise.trainer.run;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.lanewise.engine.cluster.RankShards;
import dev.lanewise.engine.tensor.MemoryPlan.Use;
import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.kernels.KernelSet;
import dev.lanewise.kernels.Precision;
import dev.lanewise.model.Transformer;
import dev.lanewise.model.TransformerConfig;
import dev.lanewise.model.family.ModelFiles;
import dev.lanewise.model.family.ModelFolder;
import dev.lanewise.model.io.JsonObject;
import dev.lanewise.model.io.JsonText;
import dev.lanewise.model.io.StrictJson;
import dev.lanewise.model.memory.Adaptation;
import dev.lanewise.model.memory.Adaptation.Columns;
import dev.lanewise.model.memory.WeightPanels;
import dev.lanewise.model.memory.WeightStorage;
import dev.lanewise.trainer.files.DurableFiles;
import dev.lanewise.trainer.settings.Settings;
import dev.lanewise.trainer.settings.SettingsJson;
import dev.lanewise.trainer.step.RankOrders;
import dev.lanewise.trainer.step.Trainer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What rank 0 tells the others of a run before it begins: all that a trainer is made of, so that
 * they need no file of the run.
 *
 * @param settings whose number of steps is known
 * @param vocabulary of the tokenizer; of a model that is not new its own config.json counts
 * @param config the model's config.json; empty if the settings say all
 * @param adaptation what is added to the model
 * @param parameters in all, for a check
 * @param held in which precision weights are that panels hold alone, by name
 * @param use of memory for activations
 */
record RankSetup(
    Settings settings,
    int vocabulary,
    String config,
    Adaptation adaptation,
    long parameters,
    Map<String, Precision> held,
    Use use) {

  private static final int SETTINGS_VERSION = 3;

  /** For messages: it came from no file. */
  private static final Path SOURCE = Path.of("what rank 0 has sent");

  /** On rank 0: tells the other ranks, if there are any. */
  static void send(
      RankOrders ranks,
      Settings settings,
      ModelFiles model,
      KnownModel base,
      Transformer transformer,
      WeightPanels panels,
      Use use) {
    if (ranks.isAlone()) {
      return;
    }
    // Before the others are told of a run that cannot be.
    RankShards.requireEnough(Trainer.shards(settings).count(), ranks.cluster().size());
    byte[] config = model.files().get(ModelFolder.CONFIGURATION);
    RankSetup setup =
        new RankSetup(
            settings,
            transformer.config().vocabularySize(),
            base == null ? "" : new String(config, StandardCharsets.UTF_8),
            base == null ? Adaptation.NONE : base.adaptation(),
            transformer.layout().size(),
            held(transformer, panels),
            use);
    ranks.setUp(setup.render());
  }

  private static Map<String, Precision> held(Transformer transformer, WeightPanels panels) {
    Map<String, Precision> held = new HashMap<>();
    for (Parameter parameter : transformer.layout().parameters()) {
      if (panels.holds(parameter)) {
        held.put(parameter.name(), panels.heldIn(parameter));
      }
    }
    return held;
  }

  private byte[] render() {
    return JsonText.compact(
        json -> {
          json.writeObjectFieldStart("settings");
          SettingsJson.write(json, settings);
          json.writeEndObject();
          json.writeNumberField("vocabulary", vocabulary);
          json.writeStringField("config", config);
          writeAdaptation(json);
          json.writeNumberField("parameters", parameters);
          json.writeObjectFieldStart("held");
          for (Map.Entry<String, Precision> weight : held.entrySet()) {
            json.writeStringField(weight.getKey(), weight.getValue().name());
          }
          json.writeEndObject();
          json.writeStringField("use", use.name());
        });
  }

  private void writeAdaptation(JsonGenerator json) throws IOException {
    json.writeObjectFieldStart("adaptation");
    json.writeNumberField("rank", adaptation.rank());
    json.writeNumberField("scale", adaptation.scale());
    json.writeNumberField("dropout", adaptation.dropout());
    json.writeObjectFieldStart("targets");
    for (Map.Entry<String, List<Columns>> target : adaptation.targets().entrySet()) {
      json.writeObjectFieldStart(target.getKey());
      for (int i = 0; i < target.getValue().size(); i++) {
        Columns columns = target.getValue().get(i);
        json.writeObjectFieldStart(String.valueOf(i));
        json.writeStringField("name", columns.name());
        json.writeNumberField("from", columns.from());
        json.writeNumberField("count", columns.count());
        json.writeEndObject();
      }
      json.writeEndObject();
    }
    json.writeEndObject();
    json.writeEndObject();
  }

  private static Adaptation adaptation(JsonObject object) throws IOException {
    Map<String, List<Columns>> targets = new HashMap<>();
    JsonObject all = object.object("targets");
    for (String weight : all.names()) {
      JsonObject target = all.object(weight);
      List<Columns> parts = new ArrayList<>();
      for (int i = 0; i < target.names().size(); i++) {
        JsonObject columns = target.object(String.valueOf(i));
        parts.add(
            new Columns(columns.string("name"), columns.integer("from"), columns.integer("count")));
      }
      targets.put(weight, parts);
    }
    return targets.isEmpty()
        ? Adaptation.NONE
        : new Adaptation(
            object.integer("rank"),
            (float) object.number("scale"),
            (float) object.number("dropout"),
            targets);
  }

  private static Map<String, Precision> held(JsonObject object) throws IOException {
    Map<String, Precision> held = new HashMap<>();
    for (String weight : object.names()) {
      held.put(weight, Precision.valueOf(object.string(weight)));
    }
    return held;
  }

  static RankSetup parse(byte[] text) throws IOException {
    JsonObject object = StrictJson.parse(SOURCE, text);
    return new RankSetup(
        SettingsJson.read(object.object("settings"), SETTINGS_VERSION),
        object.integer("vocabulary"),
        object.string("config"),
        adaptation(object.object("adaptation")),
        object.whole("parameters"),
        held(object.object("held")),
        Use.valueOf(object.string("use")));
  }

  /** Makes the model. */
  Transformer transformer(KernelSet kernels) throws IOException {
    return new Transformer(
        choices(),
        kernels,
        Trainer.sequencesPerPass(settings),
        settings.model().context(),
        adaptation);
  }

  /** Where weights lie, as on rank 0. */
  WeightStorage storage() {
    return parameter -> held.get(parameter.name());
  }

  private TransformerConfig choices() throws IOException {
    if (config.isEmpty()) {
      return settings.model().description(vocabulary).config();
    }
    Path folder = Files.createTempDirectory("lanewise-rank");
    try {
      Files.writeString(folder.resolve(ModelFolder.CONFIGURATION), config);
      return settings.model().trained(ModelFolder.readConfig(folder).config());
    } finally {
      DurableFiles.deleteTree(folder);
    }
  }
}
