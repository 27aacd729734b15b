package dev.lanewise.trainer.export;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.model.family.ModelFolder;
import dev.lanewise.model.io.Encoding;
import dev.lanewise.trainer.fixture.HuggingFaceModels;
import dev.lanewise.trainer.fixture.disk.FailingDisk;
import dev.lanewise.trainer.progress.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HuggingFaceExportTest {

  @TempDir private Path folder;

  @Test
  void severalFilesAndTheirIndexAreOnTheDiskInTheEnd() throws IOException {
    Path source = HuggingFaceModels.copy("gpt2", folder.resolve("model"));
    Path to = Files.createDirectory(folder.resolve("export"));
    FailingDisk disk = new FailingDisk();
    ExportedModel model = ExportedModel.read(source, note -> {}, Progress.SILENT);
    new HuggingFaceExport(100_000)
        .prepare(model, Encoding.F32, note -> {})
        .write(disk.path(to), bytes -> {});

    assertThat(to.resolve(ModelFolder.INDEX)).isRegularFile();
    assertThat(to.resolve("model-00002-of-00003.safetensors")).isRegularFile();
    List<String> operations = disk.operations();
    for (String operation : operations) {
      if (operation.startsWith("write ")) {
        String file = operation.substring("write ".length());
        assertThat(operations.lastIndexOf("fsync " + file))
            .as(file)
            .isGreaterThan(operations.lastIndexOf(operation));
      }
    }
    assertThat(operations).endsWith("fsync export");
    assertThat(ExportedModel.read(to, note -> {}, Progress.SILENT).weights().data())
        .isEqualTo(model.weights().data());
  }
}
