package dev.lanewise.model.family;

import dev.lanewise.engine.tensor.FloatTensor;
import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.ParameterLayout;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.engine.tensor.Shape;
import dev.lanewise.kernels.Precision;
import dev.lanewise.model.Transformer;
import dev.lanewise.model.TransformerConfig;
import dev.lanewise.model.io.Counted;
import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.model.io.TensorReader;
import dev.lanewise.model.layer.Embedding;
import dev.lanewise.model.memory.Adaptation;
import dev.lanewise.model.memory.WeightPanels;
import dev.lanewise.model.memory.WeightStorage;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.UnaryOperator;

/** Reads a file of weights by the names of a family. */
final class WeightsReader {

  private static final int MOST_THREADS = 4;

  /** Elements of a large tensor that are read at a time, about. */
  private static final int PART = 1 << 20;

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
    readAll(parameter -> read(parameter, weights.tensor(parameter), new ReadBuffers()));
    finish();
    return weights;
  }

  /**
   * Reads all parameters, some of them straight into panels that hold them alone.
   *
   * @param training whether only frozen ones are, with panels for backward too
   * @param storage says by what a file has of a parameter how it is held
   */
  static HeldWeights readHeld(
      TensorReader file,
      ModelDescription model,
      Transformer transformer,
      boolean training,
      UnaryOperator<Precision> storage,
      Consumer<String> notes,
      LongConsumer told)
      throws IOException {
    return new WeightsReader(file, model, transformer.layout(), notes, told)
        .readHeld(transformer, training, storage);
  }

  private HeldWeights readHeld(
      Transformer transformer, boolean training, UnaryOperator<Precision> storage)
      throws IOException {
    checkNames();
    // What is added to the model has a file of its own, which is read into the store.
    WeightStorage all =
        parameter -> Adaptation.isPart(parameter) ? null : storage.apply(precision(parameter));
    WeightPanels panels =
        transformer.newPanels(training, training ? WeightStorage.ofFrozen(all) : all);
    ParameterStore weights = panels.newStore();
    BlockingQueue<ReadBuffers> free = new ArrayBlockingQueue<>(threads());
    for (int i = 0; i < threads(); i++) {
      free.add(new ReadBuffers());
    }
    readAll(
        parameter -> {
          // One for each thread, so there is one.
          ReadBuffers buffers = free.remove();
          try {
            if (panels.holds(parameter)) {
              readInto(panels, parameter, buffers);
            } else {
              read(parameter, weights.tensor(parameter), buffers);
            }
          } finally {
            free.add(buffers);
          }
        });
    finish();
    return new HeldWeights(weights, panels);
  }

  /** What a file has of a parameter. */
  private Precision precision(Parameter parameter) {
    List<Precision> parts =
        family.stored(config, parameter).stream()
            .map(stored -> file.precision(fileName(stored.name())))
            .distinct()
            .toList();
    return parts.size() == 1 ? parts.getFirst() : Precision.F32;
  }

  /** A parameter in parts of some rows, if the file has it as it lies, and else at once. */
  private void readInto(WeightPanels panels, Parameter parameter, ReadBuffers buffers)
      throws IOException {
    int columns = parameter.rowSize();
    int rows = parameter.size() / columns;
    List<StoredTensor> parts = family.stored(config, parameter);
    StoredLayout only = parts.size() == 1 ? new StoredLayout(parameter, parts.getFirst()) : null;
    if (only == null || !only.isWhole()) {
      float[] values = buffers.whole(parameter.size());
      readParts(parameter, values, 0, buffers);
      panels.packHeld(parameter, 0, rows, values);
      return;
    }
    String name = fileName(parts.getFirst().name());
    int step = Math.max(1, PART / columns / panels.rowUnit()) * panels.rowUnit();
    for (int row = 0; row < rows; row += step) {
      int n = Math.min(step, rows - row);
      float[] values = buffers.whole(n * columns);
      file.read(name, parameter.shape(), row * columns, n * columns, values, 0);
      panels.packHeld(parameter, row, n, values);
    }
    checkBias(parameter);
  }

  private void finish() throws IOException {
    tellOfNarrowed();
    if (config.tiedHead() && file.names().contains(family.headName())) {
      checkTied();
    }
  }

  private static int threads() {
    return Math.min(MOST_THREADS, Runtime.getRuntime().availableProcessors());
  }

  /** Reads a parameter. */
  private interface Read {
    void read(Parameter parameter) throws IOException;
  }

  /** On some threads, because one does not copy as fast as a disk cache can deliver. */
  private void readAll(Read read) throws IOException {
    try (ExecutorService pool = Executors.newFixedThreadPool(threads())) {
      List<Future<?>> reads = new ArrayList<>();
      for (Parameter parameter : parameters) {
        reads.add(
            pool.submit(
                () -> {
                  read.read(parameter);
                  return null;
                }));
      }
      try {
        for (int i = 0; i < reads.size(); i++) {
          await(reads.get(i));
          told.accept((long) Float.BYTES * parameters.get(i).size());
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
      notes.accept(
          "%s float64 and rounded to float32"
              .formatted(Counted.of(narrowed, "tensor is", "tensors are")));
    }
  }

  private void read(Parameter parameter, FloatTensor tensor, ReadBuffers buffers)
      throws IOException {
    readParts(parameter, tensor.data(), tensor.offset(), buffers);
  }

  private void readParts(Parameter parameter, float[] values, int offset, ReadBuffers buffers)
      throws IOException {
    for (StoredTensor stored : family.stored(config, parameter)) {
      StoredLayout part = new StoredLayout(parameter, stored);
      String name = fileName(stored.name());
      int size = part.shape().size();
      if (part.isWhole()) {
        file.read(name, part.shape(), 0, size, values, offset);
      } else {
        float[] read = buffers.part(size);
        file.read(name, part.shape(), 0, size, read, 0);
        part.insert(read, values, offset);
      }
    }
    checkBias(parameter);
  }

  private void checkBias(Parameter parameter) throws IOException {
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
        requireHead(name);
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
        requireNoWeightOfALayer(name);
        notes.accept(
            "%s: %s is no part of the model and is ignored".formatted(file.fileOf(name), name));
      }
    }
  }

  /** Where the file says nothing, transformers makes a head of random numbers. */
  private void requireHead(String name) throws InvalidFileException {
    if (name.equals(family.headName()) && !file.names().contains(name)) {
      throw new InvalidFileException(
          file.fileOf(name),
          name,
          "expected a tensor of that name, found none, and %s does not say that the token embedding is the head too; if it is, set"
                  .formatted(ModelFolder.CONFIGURATION)
              + " \"tie_word_embeddings\": true there");
    }
  }

  /**
   * A layer that the configuration does not have means that the two do not belong together, and so
   * does a weight that its layers do not have. What else layers keep, such as a table of angles, is
   * told.
   */
  private void requireNoWeightOfALayer(String name) throws InvalidFileException {
    String prefix = fileName(family.layerPrefix());
    if (!fileName(name).startsWith(prefix)) {
      return;
    }
    String inside = fileName(name).substring(prefix.length());
    int dot = inside.indexOf('.');
    String layer = dot < 0 ? "" : inside.substring(0, dot);
    boolean exists = layer.matches("[0-9]{1,6}") && Integer.parseInt(layer) < config.layers();
    if (!exists || name.endsWith(".weight") || name.endsWith(".bias")) {
      throw new InvalidFileException(
          file.fileOf(name),
          name,
          "is not a tensor of a %s of %s"
              .formatted(family.modelType(), Counted.of(config.layers(), "layer")));
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

  private void checkTied() throws IOException {
    Parameter table = layout.parameter(Embedding.TABLE);
    String tokens = fileName(family.stored(config, table).getFirst().name());
    String head = family.headName();
    int size = table.size();
    float[] expected = new float[Math.min(PART, size)];
    float[] found = new float[expected.length];
    for (int from = 0; from < size; from += PART) {
      int n = Math.min(PART, size - from);
      file.read(head, table.shape(), from, n, found, 0);
      file.read(tokens, table.shape(), from, n, expected, 0);
      if (!Arrays.equals(found, 0, n, expected, 0, n)) {
        throw new InvalidFileException(
            file.fileOf(head),
            head,
            "is not the token embedding, but %s says that it is (tie_word_embeddings)"
                .formatted(ModelFolder.CONFIGURATION));
      }
    }
  }

  /** What a thread reads into, again and again. */
  private static final class ReadBuffers {

    private float[] whole = new float[0];
    private float[] part = new float[0];

    float[] whole(int size) {
      whole = whole.length < size ? new float[size] : whole;
      return whole;
    }

    float[] part(int size) {
      part = part.length < size ? new float[size] : part;
      return part;
    }
  }
}
