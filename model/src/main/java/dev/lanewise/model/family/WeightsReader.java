package dev.lanewise.model.family;

import dev.lanewise.engine.tensor.FloatTensor;
import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.ParameterLayout;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.engine.tensor.Shape;
import dev.lanewise.model.TransformerConfig;
import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.model.io.TensorReader;
import dev.lanewise.model.layer.Embedding;
import dev.lanewise.model.memory.Adaptation;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/** Reads a file of weights by the names of a family. */
final class WeightsReader {

  private static final int MOST_THREADS = 4;

  private final TensorReader file;
  private final Family family;
  private final TransformerConfig config;
  private final ParameterLayout layout;

  /** What files of models have; what is added to it has a file of its own. */
  private final List<Parameter> parameters;

  private final boolean bare;

  private final Consumer<String> notes;
  private final LongConsumer told;

  private WeightsReader(
      TensorReader file,
      ModelDescription model,
      ParameterLayout layout,
      Consumer<String> notes,
      LongConsumer told) {
    this.file = file;
    this.notes = notes;
    this.told = told;
    this.family = model.family();
    this.config = model.config();
    this.layout = layout;
    this.parameters =
        layout.parameters().stream().filter(each -> !Adaptation.isPart(each)).toList();
    // Files of the bare model, without a head, have names without the prefix.
    this.bare = file.names().stream().noneMatch(name -> name.startsWith(family.prefix()));
  }

  /**
   * Reads all parameters of a layout.
   *
   * @param notes is told what was passed over or rounded
   * @param told is told the bytes of each parameter
   */
  static ParameterStore read(
      TensorReader file,
      ModelDescription model,
      ParameterLayout layout,
      Consumer<String> notes,
      LongConsumer told)
      throws IOException {
    return new WeightsReader(file, model, layout, notes, told).read();
  }

  private ParameterStore read() throws IOException {
    checkNames();
    ParameterStore weights = new ParameterStore(layout);
    readAll(weights);
    tellOfNarrowed();
    if (config.tiedHead() && file.names().contains(family.headName())) {
      checkTied(weights);
    }
    return weights;
  }

  /** On some threads, because one does not copy as fast as a disk cache can deliver. */
  private void readAll(ParameterStore weights) throws IOException {
    int threads = Math.min(MOST_THREADS, Runtime.getRuntime().availableProcessors());
    try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
      List<Future<?>> reads = new ArrayList<>();
      for (Parameter parameter : parameters) {
        FloatTensor tensor = weights.tensor(parameter);
        reads.add(
            pool.submit(
                () -> {
                  read(parameter, tensor);
                  return null;
                }));
      }
      try {
        for (int i = 0; i < reads.size(); i++) {
          await(reads.get(i));
          Parameter parameter = parameters.get(i);
          told.accept((long) Float.BYTES * weights.tensor(parameter).size());
        }
      } finally {
        pool.shutdownNow();
      }
    }
  }

  private static void await(Future<?> read) throws IOException {
    try {
      read.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException problem) {
        throw problem;
      }
      if (e.getCause() instanceof Error problem) {
        throw problem;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while weights were read");
    }
  }

  private void tellOfNarrowed() {
    long narrowed = file.names().stream().filter(file::isNarrowed).count();
    if (narrowed > 0) {
      notes.accept("%d tensors are float64 and were rounded to float32".formatted(narrowed));
    }
  }

  private void read(Parameter parameter, FloatTensor tensor) throws IOException {
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

  private String fileName(String name) {
    boolean prefixed = name.startsWith(family.prefix());
    return bare && prefixed ? name.substring(family.prefix().length()) : name;
  }

  private void checkNames() throws InvalidFileException {
    Set<String> unknown = new HashSet<>(file.names());
    for (Parameter parameter : parameters) {
      for (StoredTensor stored : family.stored(config, parameter)) {
        String name = fileName(stored.name());
        file.require(name, new StoredLayout(parameter, stored).shape());
        unknown.remove(name);
      }
      family.zeroBias(config, parameter).ifPresent(bias -> unknown.remove(fileName(bias.name())));
    }
    if (config.tiedHead()) {
      unknown.remove(family.headName());
    }
    unknown.removeIf(family::isConstant);
    for (String name : file.names()) {
      if (unknown.contains(name)) {
        requireNoLayer(name);
        notes.accept(
            "%s: %s is no part of the model and is ignored".formatted(file.fileOf(name), name));
      }
    }
  }

  /** A layer that the configuration does not have means that the two do not belong together. */
  private void requireNoLayer(String name) throws InvalidFileException {
    if (fileName(name).startsWith(fileName(family.layerPrefix()))) {
      throw new InvalidFileException(
          file.fileOf(name),
          name,
          "is not a tensor of a %s of %d layers".formatted(family.modelType(), config.layers()));
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
            file.fileOf(name),
            name,
            "is not zero, but %s says that the model has no biases (%s)"
                .formatted(ModelFolder.CONFIGURATION, zeros.field()));
      }
    }
  }

  private void checkTied(ParameterStore weights) throws IOException {
    FloatTensor tokens = weights.tensor(Embedding.TABLE);
    String head = family.headName();
    file.require(head, tokens.shape());
    FloatTensor stored = ModelFolder.zeros(tokens.shape());
    file.read(head, stored);
    if (!Arrays.equals(stored.data(), tokens.toArray())) {
      throw new InvalidFileException(
          file.fileOf(head),
          head,
          "is not the token embedding, but %s says that it is (tie_word_embeddings)"
              .formatted(ModelFolder.CONFIGURATION));
    }
  }
}
