package dev.lanewise.trainer.run.checkpoint;

import dev.lanewise.trainer.files.DurableFiles;
import dev.lanewise.trainer.files.FileDigest;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** Fills a folder with a checkpoint and does not return before all of it is on the disk. */
final class CheckpointWriter {

  private CheckpointWriter() {}

  /** Creates {@code folder}, which must not be there. */
  static void write(Path folder, Snapshot snapshot) throws IOException {
    Path stateFile = folder.resolve(StateFile.NAME);
    byte[] state = StateFile.render(stateFile, snapshot.state());
    Files.createDirectory(folder);
    TensorFiles.write(folder, snapshot);
    for (Map.Entry<String, byte[]> file : snapshot.model().files().entrySet()) {
      DurableFiles.replace(folder.resolve(file.getKey()), file.getValue());
    }
    snapshot.tokenizer().save(folder);
    DurableFiles.replace(stateFile, state);
    TreeMap<String, FileDigest> files = new TreeMap<>();
    try (DirectoryStream<Path> written = Files.newDirectoryStream(folder)) {
      for (Path file : written) {
        files.put(file.getFileName().toString(), DurableFiles.force(file));
      }
    }
    DurableFiles.replace(folder.resolve(Manifest.NAME), new Manifest(files).render());
    DurableFiles.forceFolder(folder);
  }
}
