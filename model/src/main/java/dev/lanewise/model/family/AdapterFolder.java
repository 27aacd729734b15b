package dev.lanewise.model.family;

import dev.lanewise.engine.tensor.FloatTensor;
import dev.lanewise.engine.tensor.ParameterLayout;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.engine.tensor.Shape;
import dev.lanewise.model.io.ConfigFields;
import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.model.io.SafetensorsFile;
import dev.lanewise.model.io.SafetensorsWriter;
import dev.lanewise.model.memory.Adaptation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A low-rank adapter as PEFT keeps it: a folder with {@code adapter_config.json} and {@code
 * adapter_model.safetensors}, in which A is [rank, in] and B [out, rank].
 */
public final class AdapterFolder {

  /** The file of what is added. */
  public static final String WEIGHTS = "adapter_model.safetensors";

  /** The file that says to what. */
  public static final String CONFIGURATION = "adapter_config.json";

  /** The same in older folders. */
  private static final String PICKLED = "adapter_model.bin";

  private static final String PREFIX = "base_model.model.";
  private static final String DOWN = ".lora_A.weight";
  private static final String UP = ".lora_B.weight";

  /** A text beside the tensors, which PEFT passes over. */
  private static final String BASE_DIGEST = "lanewise_base_sha256";

  private AdapterFolder() {}

  /** Returns whether a folder claims to be an adapter. */
  public static boolean isAt(Path folder) {
    return Files.exists(folder.resolve(CONFIGURATION));
  }

  /**
   * Reads which base an adapter names: a path, or a name; empty if it names none.
   *
   * @throws InvalidFileException if the file is missing or malformed
   */
  public static String base(Path folder) throws IOException {
    return ConfigFields.read(folder.resolve(CONFIGURATION)).string("base_model_name_or_path", "");
  }

  /**
   * Reads what an adapter is.
   *
   * @param model that it belongs to
   * @throws InvalidFileException that names the field that is wrong, not supported, or not of the
   *     model
   */
  public static AdapterConfig readConfig(Path folder, ModelDescription model) throws IOException {
    Path file = folder.resolve(CONFIGURATION);
    AdapterConfig config = AdapterConfig.read(ConfigFields.read(file), model);
    try {
      config.adaptation(model);
    } catch (IllegalArgumentException e) {
      throw new InvalidFileException(file, "target_modules", e.getMessage(), e);
    }
    return config;
  }

  private static SafetensorsFile open(Path folder) throws IOException {
    Path file = folder.resolve(WEIGHTS);
    if (!Files.exists(file) && Files.exists(folder.resolve(PICKLED))) {
      throw new InvalidFileException(
          file,
          "",
          "the file is missing; there is %s, which is not read: load the adapter with a current PEFT"
                  .formatted(PICKLED)
              + " and save it with save_pretrained, which writes safetensors");
    }
    return SafetensorsFile.open(file);
  }

  /** Reads the SHA-256 of the base, in hex, which adapters of PEFT's do not have. */
  public static Optional<String> baseDigest(Path folder) throws IOException {
    try (SafetensorsFile file = open(folder)) {
      return Optional.ofNullable(file.metadata().get(BASE_DIGEST));
    }
  }

  /**
   * Reads what is added.
   *
   * @param layout of the model with the adaptation
   * @return a store of that alone
   * @throws InvalidFileException that names the tensor that is missing, of another shape, or no
   *     part of such an adapter
   */
  public static ParameterStore readWeights(
      Path folder, ModelDescription model, Adaptation adaptation, ParameterLayout layout)
      throws IOException {
    ParameterStore store = newStore(layout);
    Path path = folder.resolve(WEIGHTS);
    Map<String, AdapterConfig.Module> modules = modules(model);
    try (SafetensorsFile file = open(folder)) {
      Set<String> unknown = new HashSet<>(file.names());
      for (Adaptation.Part part : adaptation.parts(layout)) {
        Matrices matrices = new Matrices(modules, part, adaptation.rank());
        for (FileTensor tensor : matrices.tensors()) {
          FloatTensor read = ModelFolder.zeros(tensor.shape());
          file.read(tensor.name(), read);
          FloatTensor into = store.tensor(tensor.ofA() ? part.down() : part.up());
          for (int i = 0; i < read.size(); i++) {
            into.set(matrices.place(tensor.ofA(), i), read.get(i));
          }
          unknown.remove(tensor.name());
        }
      }
      if (!unknown.isEmpty()) {
        throw new InvalidFileException(
            path, unknown.stream().sorted().findFirst().get(), "is no part of such an adapter");
      }
    }
    return store;
  }

  /** Returns a store of zeros for what is added alone. */
  public static ParameterStore newStore(ParameterLayout layout) {
    return ParameterStore.of(
        layout, layout.parameters().stream().filter(Adaptation::isPart).toList());
  }

  /** Returns the text of {@link #CONFIGURATION}, in UTF-8. */
  public static byte[] configuration(ModelDescription model, AdapterConfig config) {
    return ConfigFields.render(config.fields(model));
  }

  /**
   * Returns what writes {@link #WEIGHTS}. The weights are shared, not copied.
   *
   * @param weights have what is added, whatever else they have
   * @param baseDigest SHA-256 of the base, in hex; empty if it is not known
   */
  public static SafetensorsWriter weights(
      ModelDescription model, Adaptation adaptation, ParameterStore weights, String baseDigest) {
    SafetensorsWriter writer = new SafetensorsWriter().metadata("format", "pt");
    if (!baseDigest.isEmpty()) {
      writer.metadata(BASE_DIGEST, baseDigest);
    }
    Map<String, AdapterConfig.Module> modules = modules(model);
    for (Adaptation.Part part : adaptation.parts(weights.layout())) {
      Matrices matrices = new Matrices(modules, part, adaptation.rank());
      for (FileTensor tensor : matrices.tensors()) {
        writer.add(tensor.name(), tensor.shape(), () -> matrices.extract(tensor, weights));
      }
    }
    return writer;
  }

  /**
   * Adds what an adapter adds to the weights themselves, computed in float64.
   *
   * @param adapters have what is added
   * @param weights of the model, of any layout that has its weights
   */
  public static void merge(Adaptation adaptation, ParameterStore adapters, ParameterStore weights) {
    int rank = adaptation.rank();
    for (Adaptation.Part part : adaptation.parts(adapters.layout())) {
      FloatTensor down = adapters.tensor(part.down());
      FloatTensor up = adapters.tensor(part.up());
      FloatTensor weight = weights.tensor(part.weight().name());
      int downColumns = part.down().rowSize();
      int columns = part.weight().rowSize();
      for (int i = 0; i < part.weight().size() / columns; i++) {
        for (int j = 0; j < part.columns().count(); j++) {
          double sum = 0;
          for (int r = 0; r < rank; r++) {
            double a = down.get(i * downColumns + part.part() * rank + r);
            sum += a * up.get(j * rank + r);
          }
          int at = i * columns + part.columns().from() + j;
          weight.set(at, (float) (weight.get(at) + adaptation.scale() * sum));
        }
      }
    }
  }

  /** The matrices of a model by the parameter that they are of, and their own name. */
  static Map<String, AdapterConfig.Module> modules(ModelDescription model) {
    Map<String, AdapterConfig.Module> modules = new HashMap<>();
    for (AdapterConfig.Module module : AdapterConfig.modules(model)) {
      modules.put(module.weight().name() + " " + module.name(), module);
    }
    return modules;
  }

  /** A tensor of the file. */
  record FileTensor(String name, Shape shape, boolean ofA) {}

  /** How an A and a B lie in files. */
  static final class Matrices {

    private final AdapterConfig.Module module;
    private final Adaptation.Part part;
    private final int rank;

    Matrices(Map<String, AdapterConfig.Module> modules, Adaptation.Part part, int rank) {
      this.module = modules.get(part.weight().name() + " " + part.columns().name());
      this.part = part;
      this.rank = rank;
    }

    List<FileTensor> tensors() {
      int in = part.down().shape().dimension(0);
      String name = PREFIX + module.path();
      return List.of(
          new FileTensor(name + DOWN, Shape.of(rank, in), true),
          new FileTensor(name + UP, Shape.of(part.columns().count(), rank), false));
    }

    FloatTensor extract(FileTensor tensor, ParameterStore weights) {
      FloatTensor whole = weights.tensor(tensor.ofA() ? part.down() : part.up());
      FloatTensor extracted = ModelFolder.zeros(tensor.shape());
      for (int i = 0; i < extracted.size(); i++) {
        extracted.set(i, whole.get(place(tensor.ofA(), i)));
      }
      return extracted;
    }

    /** Where element i of the file lies in our parameter. */
    private int place(boolean ofA, int i) {
      if (ofA) {
        int in = part.down().shape().dimension(0);
        return i % in * part.down().rowSize() + part.part() * rank + i / in;
      }
      int row = i / rank;
      int place =
          module.stored().isInOrder()
              ? row
              : module.stored().interleaved().place(row, part.columns().count());
      return place * rank + i % rank;
    }
  }
}
