package dev.lanewise.trainer.cli;

import dev.lanewise.model.io.RegularFile;
import dev.lanewise.trainer.files.DurableFiles;
import dev.lanewise.trainer.files.StorageProblem;
import dev.lanewise.trainer.progress.Phase;
import dev.lanewise.trainer.progress.Progress;
import dev.lanewise.trainer.progress.Tally;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The standard input in the place of a file, written {@code -}. */
final class StandardInput {

  private static final Path NAME = Path.of("-");
  private static final int BLOCK = 1 << 16;

  private StandardInput() {}

  static boolean isNamed(List<Path> paths) {
    return paths.contains(NAME);
  }

  static boolean isNamed(Path path) {
    return NAME.equals(path);
  }

  /**
   * Saves the input, because text is read more than once. The file is there when all of it is on
   * the disk, so that a run which names it has it.
   *
   * @param file must not be there yet; its folder is created
   * @param option with which the user says where that folder is
   * @param progress of a length that nobody knows
   * @return the paths with the file in the place of the input
   */
  static List<Path> saved(
      List<Path> paths, InputStream in, Path file, String option, Progress progress)
      throws IOException {
    if (!isNamed(paths)) {
      return paths;
    }
    if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      throw new FileAlreadyExistsException(
          file.toString(),
          null,
          "is there already, the standard input of an earlier start; resume that one, or choose another folder with --out");
    }
    InputStream input = RegularFile.reading("the standard input", in);
    Path folder = file.toAbsolutePath().getParent();
    boolean isThere = false;
    try {
      Files.createDirectories(folder);
      DurableFiles.replace(
          file, channel -> copy(input, Channels.newOutputStream(channel), progress));
      isThere = true;
      DurableFiles.forceFolder(folder);
    } catch (IOException e) {
      if (isThere) {
        DurableFiles.deleteUnfinished(file, e);
      }
      throw StorageProblem.explain(file, e, option);
    }
    List<Path> named = new ArrayList<>();
    for (Path path : paths) {
      Path used = isNamed(path) ? file : path;
      if (!named.contains(used)) {
        named.add(used);
      }
    }
    return List.copyOf(named);
  }

  private static void copy(InputStream in, OutputStream out, Progress progress) throws IOException {
    Tally tally = progress.begin(Phase.INPUT, Progress.UNKNOWN);
    byte[] block = new byte[BLOCK];
    for (int read = in.read(block); read >= 0; read = in.read(block)) {
      out.write(block, 0, read);
      tally.accept(read);
    }
    tally.end();
  }
}
