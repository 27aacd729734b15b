package dev.lanewise.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.kernels.scalar.ScalarKernels;
import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.trainer.generate.SamplingOptions;
import dev.lanewise.trainer.run.checkpoint.CheckpointStore;
import dev.lanewise.trainer.run.checkpoint.RunLock;
import dev.lanewise.trainer.run.checkpoint.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which model a folder stands for, and what is said when it stands for none. */
class LoadedModelTest {

  private static final TinyModel MODEL = TinyModel.ofCharacters();

  @TempDir Path folder;

  private static LoadedModel load(Path path) throws IOException {
    try (WorkerPool pool = new WorkerPool(2)) {
      return LoadedModel.load(path, ScalarKernels.create(), pool, 1);
    }
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
    assertThat(model.weights().data()).isEqualTo(MODEL.snapshot(step, 5).weights().data());
    assertThat(model.folder()).endsWith(Path.of("step-0000%02d".formatted(step)));
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
  void aDamagedBestIsPassedOver() throws IOException {
    Path run = run(5);
    Files.write(run.resolve("checkpoints/step-000005/config.json"), new byte[4]);
    assertStep(load(run), 10);
    Files.write(run.resolve("checkpoints/step-000010/config.json"), new byte[4]);
    assertThatThrownBy(() -> load(run))
        .isInstanceOf(InvalidFileException.class)
        .hasMessageContaining("none of its checkpoints can be used");
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
    assertThat(loaded.weights().data()).isEqualTo(MODEL.snapshot(5, 5).weights().data());
    assertThat(loaded.origin()).contains("the model in");
  }

  @Test
  void aModelWithAnotherTokenizerIsRefused() throws IOException {
    Path model = Files.createDirectory(folder.resolve("model"));
    for (String name : new String[] {"config.json", "model.safetensors"}) {
      Files.copy(run(5).resolve("checkpoints/step-000005").resolve(name), model.resolve(name));
    }
    TinyModel.ofBytePairs().tokenizer.save(model);
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
    assertThatThrownBy(() -> load(folder.resolve("missing")))
        .isInstanceOf(InvalidFileException.class)
        .hasMessageContaining("there is no such folder");
  }
}
