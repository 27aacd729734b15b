package dev.lanewise.trainer.run.checkpoint;

import dev.lanewise.engine.tensor.FloatTensor;
import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.model.family.Family;
import dev.lanewise.model.family.ModelDescription;
import dev.lanewise.model.family.ModelFolder;
import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.model.io.SafetensorsFile;
import dev.lanewise.model.io.SafetensorsWriter;
import dev.lanewise.trainer.optim.OptimizerState;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.LongConsumer;

/** The files of a checkpoint that hold numbers: the model's, and what the optimizer remembers. */
final class TensorFiles {

  static final String OPTIMIZER = "optimizer.safetensors";

  private TensorFiles() {}

  static void write(Path folder, Snapshot snapshot) throws IOException {
    ModelDescription model = snapshot.model().description();
    SafetensorsWriter optimizer = new SafetensorsWriter();
    for (OptimizerState state : snapshot.optimizer()) {
      for (Parameter parameter : state.values().parameters()) {
        optimizer.add(name(model.family(), state, parameter), state.values().tensor(parameter));
      }
    }
    optimizer.write(folder.resolve(OPTIMIZER));
    ModelFolder.weights(model, snapshot.weights()).write(folder.resolve(ModelFolder.WEIGHTS));
  }

  private static String name(Family family, OptimizerState state, Parameter parameter) {
    return state.name() + "." + family.stateName(parameter);
  }

  static void readState(Path folder, Family family, List<OptimizerState> states, LongConsumer read)
      throws IOException {
    Path path = folder.resolve(OPTIMIZER);
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      int expected = states.stream().mapToInt(state -> state.values().parameters().size()).sum();
      if (file.names().size() != expected) {
        throw new InvalidFileException(
            path, "", "expected %d tensors, found %d".formatted(expected, file.names().size()));
      }
      for (OptimizerState state : states) {
        ParameterStore values = state.values();
        for (Parameter parameter : values.parameters()) {
          FloatTensor tensor = values.tensor(parameter);
          file.read(name(family, state, parameter), tensor);
          read.accept((long) Float.BYTES * tensor.size());
        }
      }
    }
  }
}
