package dev.lanewise.trainer.run.checkpoint;

import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.trainer.files.DurableFiles;
import dev.lanewise.trainer.files.FileDigest;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Fills a folder with a checkpoint and does not return before all of it is on the disk. */
final class CheckpointWriter {

  private CheckpointWriter() {}

  /**
   * Creates {@code folder}, which must not be there.
   *
   * @param leastBytes of a table from which on it is written as {@link TableFiles} does
   * @param former what there is to link
   * @return what the next checkpoint can link
   */
  static TableBases write(Path folder, Snapshot snapshot, long leastBytes, TableBases former)
      throws IOException {
    List<Parameter> large = TableFiles.large(snapshot, leastBytes);
    Path stateFile = folder.resolve(StateFile.NAME);
    byte[] state = StateFile.render(stateFile, snapshot.state(), !large.isEmpty());
    Files.createDirectory(folder);
    TableFiles tables = TableFiles.write(folder, snapshot, large, former);
    TensorFiles.write(folder, snapshot, tables);
    for (Map.Entry<String, byte[]> file : snapshot.model().files().entrySet()) {
      DurableFiles.replace(folder.resolve(file.getKey()), file.getValue());
    }
    snapshot.tokenizer().save(folder);
    DurableFiles.replace(stateFile, state);
    TreeMap<String, FileDigest> files = new TreeMap<>();
    try (DirectoryStream<Path> written = Files.newDirectoryStream(folder)) {
      for (Path file : written) {
        String name = file.getFileName().toString();
        FileDigest known = tables.digestOfLinked(name);
        files.put(name, known == null ? DurableFiles.force(file) : known);
      }
    }
    Manifest manifest = new Manifest(files);
    DurableFiles.replace(folder.resolve(Manifest.NAME), manifest.render());
    DurableFiles.forceFolder(folder);
    return tables.bases(manifest);
  }
}
