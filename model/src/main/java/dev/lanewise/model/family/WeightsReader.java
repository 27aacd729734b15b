package dev.lanewise.model.family;

import dev.lanewise.engine.tensor.FloatTensor;
import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.ParameterLayout;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.engine.tensor.Role;
import dev.lanewise.engine.tensor.Shape;
import dev.lanewise.model.TransformerConfig;
import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.model.io.SafetensorsFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** Reads a file of weights by the names of a family. */
final class WeightsReader {

  private final Path path;
  private final SafetensorsFile file;
  private final Family family;
  private final TransformerConfig config;
  private final ParameterLayout layout;
  private final boolean bare;

  private WeightsReader(
      Path path, SafetensorsFile file, ModelDescription model, ParameterLayout layout) {
    this.path = path;
    this.file = file;
    this.family = model.family();
    this.config = model.config();
    this.layout = layout;
    // Files of the bare model, without a head, have names without the prefix.
    this.bare = file.names().stream().noneMatch(name -> name.startsWith(family.prefix()));
  }

  static ParameterStore read(Path path, ModelDescription model, ParameterLayout layout)
      throws IOException {
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      return new WeightsReader(path, file, model, layout).read();
    }
  }

  private ParameterStore read() throws IOException {
    checkNames();
    ParameterStore weights = new ParameterStore(layout);
    for (Parameter parameter : layout.parameters()) {
      FloatTensor tensor = weights.tensor(parameter);
      for (StoredTensor stored : family.stored(config, parameter)) {
        StoredLayout part = new StoredLayout(parameter, stored);
        if (part.isWhole()) {
          file.read(fileName(stored.name()), tensor);
        } else {
          FloatTensor read = ModelFolder.zeros(part.shape());
          file.read(fileName(stored.name()), read);
          part.insert(read, tensor);
        }
      }
      Optional<Family.ZeroBias> bias = family.zeroBias(config, parameter);
      if (bias.isPresent()) {
        checkZeros(bias.get(), Shape.of(parameter.rowSize()));
      }
    }
    if (config.tiedHead() && file.names().contains(family.headName())) {
      checkTied(weights);
    }
    return weights;
  }

  private String fileName(String name) {
    boolean prefixed = name.startsWith(family.prefix());
    return bare && prefixed ? name.substring(family.prefix().length()) : name;
  }

  private void checkNames() throws InvalidFileException {
    Set<String> unknown = new HashSet<>(file.names());
    for (Parameter parameter : layout.parameters()) {
      for (StoredTensor stored : family.stored(config, parameter)) {
        String name = fileName(stored.name());
        file.require(name, new StoredLayout(parameter, stored).shape());
        unknown.remove(name);
      }
      family
          .zeroBias(config, parameter)
          .ifPresent(bias -> unknown.remove(fileName(bias.name())));
    }
    if (config.tiedHead()) {
      unknown.remove(family.headName());
    }
    unknown.removeIf(family::isConstant);
    for (String name : file.names()) {
      if (unknown.contains(name)) {
        throw new InvalidFileException(
            path,
            name,
            "is not a tensor of a %s of %d layers".formatted(family.modelType(), config.layers()));
      }
    }
  }

  private void checkZeros(Family.ZeroBias zeros, Shape shape) throws IOException {
    String name = fileName(zeros.name());
    if (!file.names().contains(name)) {
      return;
    }
    FloatTensor bias = ModelFolder.zeros(shape);
    file.read(name, bias);
    for (float value : bias.data()) {
      if (value != 0) {
        throw new InvalidFileException(
            path,
            name,
            "is not zero, but %s says that the model has no biases (%s)"
                .formatted(ModelFolder.CONFIGURATION, zeros.field()));
      }
    }
  }

  private void checkTied(ParameterStore weights) throws IOException {
    Parameter table =
        layout.parameters().stream()
            .filter(parameter -> parameter.role() == Role.EMBEDDING)
            .findFirst()
            .orElseThrow();
    FloatTensor tokens = weights.tensor(table);
    String head = family.headName();
    file.require(head, tokens.shape());
    FloatTensor stored = ModelFolder.zeros(tokens.shape());
    file.read(head, stored);
    if (!Arrays.equals(stored.data(), tokens.toArray())) {
      throw new InvalidFileException(
          path,
          head,
          "is not the token embedding, but %s says that it is (tie_word_embeddings)"
              .formatted(ModelFolder.CONFIGURATION));
    }
  }
}
