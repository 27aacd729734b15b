package dev.lanewise.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.engine.tensor.FloatTensor;
import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.engine.tensor.Shape;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.PackedMatrix;
import dev.lanewise.kernels.scalar.ScalarKernels;
import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.model.io.SafetensorsFile;
import dev.lanewise.model.io.SafetensorsWriter;
import dev.lanewise.model.layer.Embedding;
import dev.lanewise.trainer.fixture.EditedFile;
import dev.lanewise.trainer.fixture.LoggedWarnings;
import dev.lanewise.trainer.fixture.SmallModel;
import dev.lanewise.trainer.generate.SamplingOptions;
import dev.lanewise.trainer.progress.Progress;
import dev.lanewise.trainer.run.checkpoint.CheckpointStore;
import dev.lanewise.trainer.run.checkpoint.RunLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which model a folder stands for, and what is said when it stands for none. */
class LoadedModelTest {

  private static final SmallModel MODEL = SmallModel.ofCharacters();

  @TempDir Path folder;

  private static LoadedModel load(Path path) throws IOException {
    return LoadedModel.forGeneration(path, ScalarKernels.create());
  }

  /** A run with checkpoints at steps 5 and 10. */
  private Path run(long best) throws IOException {
    Path run = folder.resolve("run");
    try (RunLock lock = RunLock.acquire(run)) {
      CheckpointStore store = CheckpointStore.open(lock, 2);
      store.save(MODEL.snapshot(5, 5));
      store.save(MODEL.snapshot(10, best));
    }
    return run;
  }

  private static void assertStep(LoadedModel model, long step) {
    assertHas(model, MODEL.snapshot(step, 5).weights());
    assertThat(model.folder()).endsWith(Path.of("step-0000%02d".formatted(step)));
  }

  /** What is in the store, and the table, which is packed. */
  private static void assertHas(LoadedModel model, ParameterStore expected) {
    for (Parameter parameter : model.weights().parameters()) {
      assertThat(model.weights().tensor(parameter).toArray())
          .isEqualTo(expected.tensor(parameter.name()).toArray());
    }
    Parameter table = model.transformer().layout().parameter(Embedding.TABLE);
    int columns = table.rowSize();
    int rows = table.size() / columns;
    float[] found = new float[table.size()];
    int[] ids = IntStream.range(0, rows).toArray();
    PackedMatrix packed = model.panels().table(table);
    model
        .kernels()
        .matmul()
        .gatherColumns(0, rows, columns, ids, packed, Matrix.of(found, 0, columns));
    assertThat(found).isEqualTo(expected.tensor(Embedding.TABLE).toArray());
  }

  @Test
  void ofARunTheBestIsTaken() throws IOException {
    LoadedModel model = load(run(5));
    assertStep(model, 5);
    assertThat(model.origin()).contains("best checkpoint of step 5", "step-000005");
    try (WorkerPool pool = new WorkerPool(2)) {
      assertThat(model.newGenerator(pool).generate("ab", 20, SamplingOptions.seeded(1)))
          .hasSize(20);
    }
  }

  @Test
  void withoutTheBestTheNewestIsTaken() throws IOException {
    LoadedModel model = load(run(7));
    assertStep(model, 10);
    assertThat(model.origin()).contains("newest checkpoint of step 10");
  }

  @Test
  void aDamagedBestIsPassedOverAndToldOfOnce() throws IOException {
    Path run = run(5);
    Path best = run.resolve("checkpoints/step-000005");
    Path newest = run.resolve("checkpoints/step-000010");
    Files.write(best.resolve("config.json"), new byte[4]);
    List<String> told = told(() -> assertStep(load(run), 10));
    assertThat(told).hasSize(2);
    assertThat(told.get(0)).contains("passed over", best.toString(), "config.json");
    assertThat(told.get(1)).contains("is taken", newest.toString());
    Files.delete(newest.resolve("config.json"));
    assertThatThrownBy(() -> load(run))
        .isInstanceOf(InvalidFileException.class)
        .hasMessageContaining("none of its checkpoints can be used")
        .hasMessageContaining(best.resolve("config.json") + ": 4 bytes long")
        .hasMessageContaining(newest.resolve("config.json") + ": the file is missing");
  }

  @Test
  void weightsThatAreCheckedWhileReadAreNotHandedOutWhenDamaged() throws IOException {
    Path run = run(5);
    KnownModel sound = KnownModel.checkedWhileRead(run, null, Progress.SILENT);
    assertStep(loaded(sound), 5);
    EditedFile.flipABit(run.resolve("checkpoints/step-000005/model.safetensors"));
    KnownModel damaged = KnownModel.checkedWhileRead(run, null, Progress.SILENT);
    assertThatThrownBy(() -> loaded(damaged))
        .isInstanceOf(InvalidFileException.class)
        .hasMessageContaining("damaged: its SHA-256");
    assertStep(loaded(KnownModel.in(run, Progress.SILENT)), 10);
  }

  private static LoadedModel loaded(KnownModel known) throws IOException {
    return LoadedModel.forGeneration(
        known, ScalarKernels.create(), WeightPrecision.FILE, any -> {}, Progress.SILENT);
  }

  @Test
  void anUnreadableNewestIsToldOfOnce() throws IOException {
    Path run = run(10);
    Path newest = run.resolve("checkpoints/step-000010");
    Files.writeString(newest.resolve("manifest.json"), "{}");
    List<String> told = told(() -> assertStep(load(run), 5));
    assertThat(told).hasSize(2);
    assertThat(told.get(0)).contains("passed over", newest.toString(), "manifest.json");
    assertThat(told.get(1)).contains("is taken", "step-000005");
    // At its own time it was the best; the newest may have known a better one.
    assertThat(load(run).origin()).startsWith("the checkpoint of step 5 in ");
  }

  @Test
  void whatOnlyTrainingNeedsMayBeMissing() throws IOException {
    Path checkpoint = run(5).resolve("checkpoints/step-000010");
    Files.delete(checkpoint.resolve("optimizer.state"));
    List<String> told = told(() -> assertStep(load(checkpoint), 10));
    assertThat(told).hasSize(1);
    assertThat(told.get(0)).contains("optimizer.state is missing", "resume");
    Files.delete(checkpoint.resolve("trainer.json"));
    assertThat(told(() -> assertStep(load(checkpoint), 10)).getLast()).contains("trainer.json");
  }

  @Test
  void theOptimizerIsNotCheckedWhereItIsNotRead() throws IOException {
    Path run = run(5);
    Path best = run.resolve("checkpoints/step-000005");
    Files.write(best.resolve("optimizer.state"), new byte[4]);
    assertThat(told(() -> assertStep(load(run), 5))).isEmpty();
  }

  @Test
  void anEditedTokenizerConfigurationIsTakenWithANote() throws IOException {
    Path checkpoint = run(5).resolve("checkpoints/step-000010");
    Path file = checkpoint.resolve("tokenizer_config.json");
    Files.writeString(file, Files.readString(file).replaceFirst("\\{", "{ "));
    List<String> told = told(() -> assertStep(load(checkpoint), 10));
    assertThat(told).hasSize(1);
    assertThat(told.get(0)).contains(file.toString(), "not as Lanewise wrote it");
    Files.writeString(checkpoint.resolve("tokenizer.json"), "{}");
    assertThatThrownBy(() -> load(checkpoint)).hasMessageContaining("tokenizer.json: 2 bytes");
  }

  /** What a user is told while something happens. */
  private static List<String> told(ThrowingCallable action) {
    try (LoggedWarnings warnings = new LoggedWarnings("dev.lanewise.trainer.run")) {
      assertThatCode(action).doesNotThrowAnyException();
      return warnings.messages();
    }
  }

  @Test
  void shardsAndTensorsThatAreNoPartOfTheModelAreRead() throws IOException {
    Path model = Files.createDirectory(folder.resolve("model"));
    Path checkpoint = run(5).resolve("checkpoints/step-000005");
    for (String name : new String[] {"config.json", "tokenizer.json"}) {
      Files.copy(checkpoint.resolve(name), model.resolve(name));
    }
    String map;
    try (SafetensorsFile file = SafetensorsFile.open(checkpoint.resolve("model.safetensors"))) {
      map =
          file.names().stream()
              .map(name -> "\"" + name + "\": \"model-1.safetensors\"")
              .collect(Collectors.joining(", "));
    }
    SafetensorsWriter extra = new SafetensorsWriter();
    extra.add("v_head.weight", new FloatTensor(new float[2], 0, Shape.of(2)));
    extra.write(model.resolve("model-2.safetensors"));
    Files.copy(checkpoint.resolve("model.safetensors"), model.resolve("model-1.safetensors"));
    Files.writeString(
        model.resolve("model.safetensors.index.json"),
        "{\"weight_map\": {%s, \"v_head.weight\": \"model-2.safetensors\"}}".formatted(map));
    List<String> told = told(() -> assertHas(load(model), MODEL.snapshot(5, 5).weights()));
    assertThat(told).hasSize(1);
    assertThat(told.get(0)).contains("v_head.weight");
  }

  @Test
  void aCheckpointItselfMayBeGiven() throws IOException {
    Path checkpoint = run(5).resolve("checkpoints/step-000010");
    LoadedModel model = load(checkpoint);
    assertStep(model, 10);
    Files.delete(checkpoint.resolve("model.safetensors"));
    assertThatThrownBy(() -> load(checkpoint))
        .isInstanceOf(InvalidFileException.class)
        .hasMessageContaining("model.safetensors: the file is missing");
  }

  @Test
  void aModelFromElsewhereMayBeGiven() throws IOException {
    Path model = Files.createDirectory(folder.resolve("model"));
    for (String name : new String[] {"config.json", "model.safetensors", "tokenizer.json"}) {
      Files.copy(run(5).resolve("checkpoints/step-000005").resolve(name), model.resolve(name));
    }
    LoadedModel loaded = load(model);
    assertHas(loaded, MODEL.snapshot(5, 5).weights());
    assertThat(loaded.origin()).contains("the model in");
  }

  @Test
  void aModelWithAnotherTokenizerIsRefused() throws IOException {
    Path model = Files.createDirectory(folder.resolve("model"));
    for (String name : new String[] {"config.json", "model.safetensors"}) {
      Files.copy(run(5).resolve("checkpoints/step-000005").resolve(name), model.resolve(name));
    }
    SmallModel.ofBytePairs().tokenizer().save(model);
    assertThatThrownBy(() -> load(model))
        .isInstanceOf(InvalidFileException.class)
        .hasMessageContaining("config.json")
        .hasMessageContaining("vocab_size");
  }

  @Test
  void anyOtherFolderIsAnErrorThatSaysWhatWasLookedFor() throws IOException {
    assertThatThrownBy(() -> load(folder))
        .isInstanceOf(InvalidFileException.class)
        .hasMessageContaining(folder.toString())
        .hasMessageContaining("model.safetensors")
        .hasMessageContaining("checkpoints/step-");
    Path run = run(5);
    assertThatThrownBy(() -> load(run.resolve("checkpoints")))
        .hasMessageContaining("give the run, " + run)
        .hasMessageContaining("step-000010");
    Path weights = run.resolve("checkpoints/step-000005/model.safetensors");
    assertThatThrownBy(() -> load(weights))
        .hasMessageContaining("not a folder")
        .hasMessageEndingWith("such as " + weights.getParent());
    Path pickled = Files.createDirectory(folder.resolve("pickled"));
    Files.copy(weights.resolveSibling("config.json"), pickled.resolve("config.json"));
    Files.copy(weights.resolveSibling("tokenizer.json"), pickled.resolve("tokenizer.json"));
    Files.createFile(pickled.resolve("pytorch_model.bin"));
    assertThatThrownBy(() -> load(pickled)).hasMessageContaining("pytorch_model.bin");
    assertThatThrownBy(() -> load(folder.resolve("missing")))
        .isInstanceOf(InvalidFileException.class)
        .hasMessageContaining("there is no such folder");
  }
}
