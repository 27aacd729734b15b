package dev.lanewise.trainer.run.checkpoint;

import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.model.io.Gpt2Format;
import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.model.io.SafetensorsFile;
import dev.lanewise.model.io.SafetensorsWriter;
import dev.lanewise.trainer.settings.TokenizerKind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.OptionalInt;

/** The files of a checkpoint that hold numbers: the model's, and the optimizer's moments. */
final class TensorFiles {

  static final String OPTIMIZER = "optimizer.safetensors";

  private static final String FIRST_MOMENT = "exp_avg.";
  private static final String SECOND_MOMENT = "exp_avg_sq.";

  private TensorFiles() {}

  static void write(Path folder, Snapshot snapshot) throws IOException {
    SafetensorsWriter optimizer = new SafetensorsWriter();
    add(optimizer, FIRST_MOMENT, snapshot.firstMoment());
    add(optimizer, SECOND_MOMENT, snapshot.secondMoment());
    optimizer.write(folder.resolve(OPTIMIZER));
    Gpt2Format.write(folder, snapshot.gptConfig(), snapshot.weights(), endOfText(snapshot));
  }

  private static OptionalInt endOfText(Snapshot snapshot) {
    // GPT-2's own table ends with the only special token that Lanewise knows.
    return snapshot.state().settings().text().tokenizer() == TokenizerKind.GPT2
        ? OptionalInt.of(snapshot.tokenizer().vocabularySize() - 1)
        : OptionalInt.empty();
  }

  private static void add(SafetensorsWriter file, String prefix, ParameterStore store) {
    for (Parameter parameter : store.layout().parameters()) {
      file.add(prefix + parameter.name(), store.tensor(parameter));
    }
  }

  static void readMoments(Path folder, ParameterStore first, ParameterStore second)
      throws IOException {
    Path path = folder.resolve(OPTIMIZER);
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      int expected = first.layout().parameters().size() + second.layout().parameters().size();
      if (file.names().size() != expected) {
        throw new InvalidFileException(
            path, "", "expected %d tensors, found %d".formatted(expected, file.names().size()));
      }
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
