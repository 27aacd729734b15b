package dev.lanewise.trainer.checkpoint;

import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.model.GptConfig;
import dev.lanewise.model.io.SafetensorsFile;
import dev.lanewise.model.io.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Path;

/** The files of a checkpoint that hold numbers. */
final class TensorFiles {

  static final String MODEL = "model.safetensors";
  static final String CONFIG = "config.json";
  static final String OPTIMIZER = "optimizer.safetensors";

  private static final String FIRST_MOMENT = "exp_avg.";
  private static final String SECOND_MOMENT = "exp_avg_sq.";

  private TensorFiles() {}

  static void write(Path folder, Snapshot snapshot) throws IOException {
    SafetensorsWriter optimizer = new SafetensorsWriter();
    add(optimizer, FIRST_MOMENT, snapshot.firstMoment());
    add(optimizer, SECOND_MOMENT, snapshot.secondMoment());
    optimizer.write(folder.resolve(OPTIMIZER));
  }

  private static void add(SafetensorsWriter file, String prefix, ParameterStore store) {
    for (Parameter parameter : store.layout().parameters()) {
      file.add(prefix + parameter.name(), store.tensor(parameter));
    }
  }

  static GptConfig readConfig(Path folder) throws IOException {
    throw new UnsupportedOperationException("waits for model.io");
  }

  static void readWeights(Path folder, ParameterStore weights) throws IOException {
    throw new UnsupportedOperationException("waits for model.io");
  }

  static void readMoments(Path folder, ParameterStore first, ParameterStore second)
      throws IOException {
    try (SafetensorsFile file = SafetensorsFile.open(folder.resolve(OPTIMIZER))) {
      read(file, FIRST_MOMENT, first);
      read(file, SECOND_MOMENT, second);
    }
  }

  private static void read(SafetensorsFile file, String prefix, ParameterStore store)
      throws IOException {
    for (Parameter parameter : store.layout().parameters()) {
      file.read(prefix + parameter.name(), store.tensor(parameter));
    }
  }
}
