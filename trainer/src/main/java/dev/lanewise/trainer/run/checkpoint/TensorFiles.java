package dev.lanewise.trainer.run.checkpoint;

import dev.lanewise.engine.tensor.FloatTensor;
import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.model.family.AdapterFolder;
import dev.lanewise.model.family.Family;
import dev.lanewise.model.family.ModelDescription;
import dev.lanewise.model.family.ModelFolder;
import dev.lanewise.model.io.Counted;
import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.model.io.RowsOnBase;
import dev.lanewise.model.io.SafetensorsWriter;
import dev.lanewise.model.io.TensorReader;
import dev.lanewise.model.io.TensorsOnBases;
import dev.lanewise.model.memory.Adaptation;
import dev.lanewise.trainer.files.DurableFiles;
import dev.lanewise.trainer.optim.OptimizerState;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.function.Predicate;

/** The files of a checkpoint that hold numbers: the model's, and what the optimizer remembers. */
final class TensorFiles {

  /**
   * In the same form as the model, under another ending: who opens the folder as a model takes
   * every {@code *.safetensors} for a part of it.
   */
  static final String OPTIMIZER = "optimizer.state";

  /** What it was called up to version 3 of {@link StateFile}. */
  private static final String FORMER_OPTIMIZER = "optimizer.safetensors";

  private TensorFiles() {}

  /**
   * The name of the optimizer's file among those of a checkpoint; the present one if none has it.
   */
  static String optimizer(Predicate<String> isThere) {
    return !isThere.test(OPTIMIZER) && isThere.test(FORMER_OPTIMIZER)
        ? FORMER_OPTIMIZER
        : OPTIMIZER;
  }

  /**
   * Writes all numbers but those of bases, which are there.
   *
   * @param tables that lie on bases
   */
  static void write(Path folder, Snapshot snapshot, TableFiles tables) throws IOException {
    ModelDescription model = snapshot.model().description();
    SafetensorsWriter optimizer = new SafetensorsWriter();
    for (OptimizerState state : snapshot.optimizer()) {
      for (Parameter parameter : state.values().parameters()) {
        String name = name(model.family(), state, parameter);
        FloatTensor tensor = state.values().tensor(parameter);
        RowsOnBase rows = tables.changed(state, parameter);
        if (rows == null) {
          optimizer.add(name, tensor);
        } else {
          optimizer.add(name, tensor, rows);
        }
      }
    }
    optimizer.write(folder.resolve(OPTIMIZER));
    if (snapshot.adapter() == null) {
      ModelFolder.weights(model, snapshot.weights(), tables.changed())
          .write(folder.resolve(ModelFolder.WEIGHTS));
    } else {
      write(folder, model, snapshot.adapter(), snapshot.weights());
    }
  }

  private static void write(
      Path folder, ModelDescription model, SavedAdapter adapter, ParameterStore weights)
      throws IOException {
    AdapterFolder.weights(model, adapter.adaptation(model), weights, adapter.baseDigest())
        .write(folder.resolve(AdapterFolder.WEIGHTS));
    DurableFiles.replace(
        folder.resolve(AdapterFolder.CONFIGURATION),
        AdapterFolder.configuration(model, adapter.config()));
  }

  /** What files call a state of a parameter. */
  static String name(Family family, OptimizerState state, Parameter parameter) {
    boolean ours = Adaptation.isPart(parameter);
    return state.name() + "." + (ours ? parameter.name() : family.stateName(parameter));
  }

  static void readState(Path path, Family family, List<OptimizerState> states, LongConsumer read)
      throws IOException {
    try (TensorReader file = TensorsOnBases.open(path)) {
      int expected = states.stream().mapToInt(state -> state.values().parameters().size()).sum();
      if (file.names().size() != expected) {
        throw new InvalidFileException(
            path,
            "",
            "expected %s, found %d".formatted(Counted.of(expected, "tensor"), file.names().size()));
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
