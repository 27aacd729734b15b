package org.example;

import dev.lanewise.example.ContinueARun;
import dev.lanewise.example.TrainFromCode;
import dev.lanewise.trainer.run.TrainingRun;
import dev.lanewise.trainer.settings.ConfigKey;
import dev.lanewise.trainer.settings.Preset;
import dev.lanewise.trainer.settings.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Trains a few steps by the published jars, stops, goes on, and lets the model write. */
final class TrainAFewSteps {

  private TrainAFewSteps() {}

  public static void main(String[] arguments) throws IOException {
    Path folder = Path.of(arguments[0]);
    String sentence = "to be or not to be, that is the question. ";
    System.out.println(TrainFromCode.trainAndWrite(sentence.repeat(50), 5, "to be "));
    Path text = Files.writeString(folder.resolve("text.txt"), sentence.repeat(200));
    Settings settings =
        Preset.SHAKESPEARE_CHAR
            .layer()
            .with(ConfigKey.STEPS, 6L)
            .with(ConfigKey.WARMUP, 1L)
            .with(ConfigKey.LAYERS, 1)
            .toSettings();
    Path run = folder.resolve("run");
    TrainingRun.Outcome outcome = ContinueARun.begin(settings, run, text, 2, 3);
    require(!outcome.completed() && outcome.completedSteps() == 3);
    outcome = ContinueARun.resume(run, 1);
    require(outcome.completed() && outcome.completedSteps() == 6);
    require(ContinueARun.write(run, "to be ", 5, 1).length == 5);
    require(TrainAFewSteps.class.getModule().isNamed() && Settings.class.getModule().isNamed());
  }

  private static void require(boolean condition) {
    if (!condition) {
      throw new IllegalStateException();
    }
  }
}
