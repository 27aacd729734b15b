package dev.lanewise.trainer.run.checkpoint;

import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.model.io.RegularFile;
import dev.lanewise.model.io.SafetensorsFile;
import dev.lanewise.model.io.SafetensorsWriter;
import dev.lanewise.trainer.files.FileDigest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a checkpoint has of bases of tables, for the next one to link.
 *
 * @param folder of the checkpoint
 * @param byTable the base of each table, by its name
 */
record TableBases(Path folder, Map<String, Base> byTable) {

  /** Of no checkpoint, or of one that has none. */
  static final TableBases NONE = new TableBases(null, Map.of());

  private static final String WEIGHTS = ".base";
  private static final String STATE = ".base.state";
  private static final String CHANGES_AFTER = "changes_after";

  /**
   * A table as it was.
   *
   * @param after see {@link LastChanges#after}, of the state that it is of
   * @param files with its rows and with what the optimizer remembers of each, by name
   */
  record Base(long after, Map<String, Written> files) {}

  /** A file that is on the disk. */
  record Written(FileDigest digest, FileStamp stamp) {}

  TableBases {
    byTable = Map.copyOf(byTable);
  }

  /** The name of the file with the rows of a table. */
  static String weights(String table) {
    return table + WEIGHTS;
  }

  /**
   * The name of the file with what the optimizer remembers of each row of a table. It ends as that
   * of all the rest does.
   */
  static String state(String table) {
    return table + STATE;
  }

  /** Whether a file has the rows of a table. */
  static boolean isWeights(String name) {
    return name.endsWith(WEIGHTS);
  }

  /** Whether a file has what the optimizer remembers of each row of a table. */
  static boolean isState(String name) {
    return name.endsWith(STATE);
  }

  /** Makes what writes {@link #state}, whose tensors are still to be added. */
  static SafetensorsWriter newState(long after) {
    return new SafetensorsWriter().metadata(CHANGES_AFTER, String.valueOf(after));
  }

  /** By what the files of the bases that a manifest lists, and that are there, are known again. */
  static Map<String, FileStamp> stamps(Path folder, Manifest manifest) throws IOException {
    Map<String, FileStamp> stamps = new HashMap<>();
    for (String name : manifest.files().keySet()) {
      Path file = folder.resolve(name);
      if ((isWeights(name) || isState(name)) && RegularFile.isThere(file)) {
        stamps.put(name, FileStamp.of(file));
      }
    }
    return stamps;
  }

  /**
   * Reads what there is in a checkpoint.
   *
   * @param stamps of the files, taken before these were compared with the manifest
   * @param step of the checkpoint
   * @throws InvalidFileException that names the file that is wrong
   */
  static TableBases read(Path folder, Manifest manifest, Map<String, FileStamp> stamps, long step)
      throws IOException {
    Map<String, Base> bases = new HashMap<>();
    for (String weights : manifest.files().keySet()) {
      if (!isWeights(weights)) {
        continue;
      }
      String table = weights.substring(0, weights.length() - WEIGHTS.length());
      manifest.requireListed(folder, List.of(state(table)));
      Map<String, Written> files = new HashMap<>();
      for (String name : List.of(weights, state(table))) {
        files.put(name, new Written(manifest.files().get(name), stamps.get(name)));
      }
      bases.put(table, new Base(after(folder.resolve(state(table)), step), files));
    }
    return bases.isEmpty() ? NONE : new TableBases(folder, bases);
  }

  private static long after(Path file, long step) throws IOException {
    String text;
    try (SafetensorsFile state = SafetensorsFile.open(file)) {
      text = state.metadata().getOrDefault(CHANGES_AFTER, "");
    }
    // So many digits are a long.
    if (!text.matches("[1-9][0-9]{0,17}") || Long.parseLong(text) > Math.max(1, step)) {
      throw new InvalidFileException(
          file,
          CHANGES_AFTER,
          "%s is no step of a run that has taken %d"
              .formatted(InvalidFileException.quote(text), step));
    }
    return Long.parseLong(text);
  }

  /** The same, of a checkpoint that has been renamed. */
  TableBases in(Path place) {
    return byTable.isEmpty() ? NONE : new TableBases(place, byTable);
  }
}
