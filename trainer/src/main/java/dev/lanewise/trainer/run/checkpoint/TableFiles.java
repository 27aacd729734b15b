package dev.lanewise.trainer.run.checkpoint;

import dev.lanewise.engine.tensor.FloatTensor;
import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.model.family.ModelDescription;
import dev.lanewise.model.family.ModelFolder;
import dev.lanewise.model.io.RowsOnBase;
import dev.lanewise.model.io.SafetensorsWriter;
import dev.lanewise.trainer.files.DurableFiles;
import dev.lanewise.trainer.files.FileDigest;
import dev.lanewise.trainer.optim.OptimizerState;
import dev.lanewise.trainer.optim.OptimizerState.Rows;
import dev.lanewise.trainer.progress.LateLogger;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The large tables of a checkpoint that is being written. A step changes few rows of such a table,
 * so it is not written anew: it lies in files of its own, its base, which the next checkpoint links
 * from the one before it, and the rows that changed since are among the other tensors. Each folder
 * has all of it by itself. Where a base cannot be linked, or half of the rows have changed, a new
 * one is written.
 *
 * <p>A file of a base is never written to once it has its name.
 */
final class TableFiles {

  private static final LateLogger LOG = new LateLogger(TableFiles.class);

  private final Path folder;
  private final Snapshot snapshot;
  private final TableBases former;

  /** The bases that were linked, by the name of the table. */
  private final Map<String, TableBases.Base> linked = new HashMap<>();

  /** Of those that were written {@link LastChanges#after}, by the name of the table. */
  private final Map<String, Long> written = new HashMap<>();

  private final Map<Parameter, RowsOnBase> changed = new HashMap<>();

  private TableFiles(Path folder, Snapshot snapshot, TableBases former) {
    this.folder = folder;
    this.snapshot = snapshot;
    this.former = former;
  }

  /**
   * Returns the tables that are written like this.
   *
   * @param leastBytes of a table
   */
  static List<Parameter> large(Snapshot snapshot, long leastBytes) {
    return snapshot.weights().layout().tables().stream()
        .filter(table -> (long) Float.BYTES * table.size() >= leastBytes)
        .filter(table -> lastChanges(snapshot, table) != null)
        .toList();
  }

  private static FloatTensor lastChanges(Snapshot snapshot, Parameter table) {
    for (OptimizerState state : snapshot.optimizer()) {
      if (state.rows() == Rows.LAST_CHANGE && state.values().layout().contains(table.name())) {
        return state.values().tensor(table.name());
      }
    }
    return null;
  }

  /**
   * Links or writes the bases of tables.
   *
   * @param folder that is there, and has none yet
   * @param tables see {@link #large}
   * @param former of the checkpoint that the run wrote before this one, or that it goes on from
   */
  static TableFiles write(Path folder, Snapshot snapshot, List<Parameter> tables, TableBases former)
      throws IOException {
    TableFiles files = new TableFiles(folder, snapshot, former);
    for (Parameter table : tables) {
      files.add(table);
    }
    return files;
  }

  private void add(Parameter table) throws IOException {
    String name = table.name();
    FloatTensor changes = lastChanges(snapshot, table);
    TableBases.Base base = former.byTable().get(name);
    int[] rows = base == null ? null : LastChanges.since(changes, base.after(), changes.size() / 2);
    if (rows != null && link(base)) {
      linked.put(name, base);
    } else {
      rows = new int[0];
      long after = LastChanges.after(changes, snapshot.state().step());
      writeBase(table, after);
      written.put(name, after);
    }
    changed.put(table, new RowsOnBase(TableBases.weights(name), rows));
  }

  /** Whether the former checkpoint still has what it was written with, and lets us have it. */
  private boolean link(TableBases.Base base) throws IOException {
    for (Map.Entry<String, TableBases.Written> file : base.files().entrySet()) {
      Path source = former.folder().resolve(file.getKey());
      Path target = folder.resolve(file.getKey());
      try {
        Files.createLink(target, source);
        if (!FileStamp.of(target).equals(file.getValue().stamp())) {
          LOG.debug("{} is not as it was, and not used again", source);
          return false;
        }
        // A user may have copied the checkpoint that the run goes on from, which forces nothing.
        DurableFiles.forceUnread(target);
      } catch (UnsupportedOperationException | FileSystemException e) {
        LOG.debug("{} cannot be linked", source, e);
        return false;
      }
    }
    return true;
  }

  /**
   * Renamed into place, as it has to be: what may be linked there already, because only one file of
   * two could be, is not to be written to.
   */
  private void writeBase(Parameter table, long after) throws IOException {
    ModelDescription model = snapshot.model().description();
    SafetensorsWriter rows = ModelFolder.base(model, snapshot.weights(), table);
    DurableFiles.replace(folder.resolve(TableBases.weights(table.name())), rows::write);
    SafetensorsWriter remembered = TableBases.newState(after);
    for (OptimizerState state : snapshot.optimizer()) {
      if (isOfTheTable(state) && state.values().layout().contains(table.name())) {
        Parameter parameter = state.values().layout().parameter(table.name());
        remembered.add(
            TensorFiles.name(model.family(), state, parameter), state.values().tensor(parameter));
      }
    }
    DurableFiles.replace(folder.resolve(TableBases.state(table.name())), remembered::write);
  }

  private static boolean isOfTheTable(OptimizerState state) {
    return state.rows() == Rows.OF_THE_TABLE || state.rows() == Rows.LAST_CHANGE;
  }

  /** Of which weights only some rows are to be written, and which. */
  Map<Parameter, RowsOnBase> changed() {
    return changed;
  }

  /**
   * Returns which rows are to be written of what the optimizer remembers.
   *
   * @param parameter of the state
   * @return null for all
   */
  RowsOnBase changed(OptimizerState state, Parameter parameter) {
    RowsOnBase rows = null;
    for (Map.Entry<Parameter, RowsOnBase> table : changed.entrySet()) {
      if (table.getKey().name().equals(parameter.name())) {
        rows = table.getValue();
      }
    }
    if (rows == null) {
      return null;
    }
    if (isOfTheTable(state)) {
      return rows.on(TableBases.state(parameter.name()));
    }
    int[] used = IntStream.range(0, used(state.values().tensor(parameter))).toArray();
    return state.rows() == Rows.LIST ? new RowsOnBase("", used) : null;
  }

  /** The rows up to the last that has anything but zeros. */
  private static int used(FloatTensor list) {
    int at = list.size() - 1;
    while (at >= 0 && Float.floatToRawIntBits(list.get(at)) == 0) {
      at--;
    }
    int rowSize = list.size() / list.shape().dimension(0);
    return Math.ceilDiv(at + 1, rowSize);
  }

  /**
   * Returns what a file holds that was linked, and so is on the disk.
   *
   * @return null for any other file
   */
  FileDigest digestOfLinked(String file) {
    for (TableBases.Base base : linked.values()) {
      if (base.files().containsKey(file)) {
        return base.files().get(file).digest();
      }
    }
    return null;
  }

  /** Returns what the next checkpoint can link, once this one is whole. */
  TableBases bases(Manifest manifest) throws IOException {
    Map<String, TableBases.Base> bases = new HashMap<>(linked);
    for (Map.Entry<String, Long> table : written.entrySet()) {
      Map<String, TableBases.Written> files = new HashMap<>();
      for (String name :
          List.of(TableBases.weights(table.getKey()), TableBases.state(table.getKey()))) {
        FileStamp stamp = FileStamp.of(folder.resolve(name));
        files.put(name, new TableBases.Written(manifest.files().get(name), stamp));
      }
      bases.put(table.getKey(), new TableBases.Base(table.getValue(), files));
    }
    return new TableBases(folder, bases);
  }
}
