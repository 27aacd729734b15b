package dev.lanewise.trainer.cli;

import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.trainer.files.DurableFiles;
import dev.lanewise.trainer.files.StorageProblem;
import dev.lanewise.trainer.run.RunFolder;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A place where a file or a folder of files is written: there is what was there before, or the
 * result, and never a part of it.
 */
final class OutputPlace {

  /** What a model's folder may hold; a folder with anything else is never replaced. */
  private static final Pattern MODEL_FILE =
      Pattern.compile(
          "model(-\\d+-of-\\d+)?\\.safetensors|model\\.safetensors\\.index\\.json|config\\.json"
              + "|generation_config\\.json|tokenizer\\.json|tokenizer_config\\.json|vocab\\.json"
              + "|merges\\.txt|special_tokens_map\\.json|added_tokens\\.json"
              + "|chat_template\\.(jinja|json)");

  private static final String OPTION = "--out";
  private static final String UNFINISHED = ".tmp";
  private static final String OLD = ".old";

  private final Path path;
  private final boolean folder;
  private final boolean overwrite;

  /** Writes to a path, which has to be there. */
  @FunctionalInterface
  interface Writing {
    void to(Path temporary) throws IOException;
  }

  OutputPlace(Path path, boolean folder, boolean overwrite) {
    this.path = path.toAbsolutePath().normalize();
    this.folder = folder;
    this.overwrite = overwrite;
  }

  /** Why it cannot be written there, if it cannot. */
  List<String> problems() throws IOException {
    Path parent = path.getParent();
    if (parent == null || path.getFileName() == null) {
      return problem("is no place for a result");
    }
    Optional<String> around = RunFolder.partOfARunAround(parent);
    if (around.isPresent()) {
      return problem("is inside " + around.get());
    }
    if (RunFolder.isFileOfARun(path)) {
      return problem("is a file that the run in %s writes itself".formatted(parent));
    }
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return notAFolder(parent);
    }
    if (folder) {
      return folderProblems();
    }
    if (!Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
      return problem(
          Files.isDirectory(path) ? "is a folder; name a file" : "is not a regular file");
    }
    return overwrite ? List.of() : problem("is there already; --overwrite replaces it");
  }

  private List<String> notAFolder(Path parent) {
    for (Path above = parent; above != null; above = above.getParent()) {
      if (Files.exists(above)) {
        return Files.isDirectory(above)
            ? List.of()
            : problem("cannot be made: " + above + " is not a folder");
      }
    }
    return List.of();
  }

  private List<String> folderProblems() throws IOException {
    if (!Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
      return problem("is there already, and is not a folder");
    }
    try (Stream<Path> files = Files.list(path)) {
      List<Path> inside = files.sorted().toList();
      if (!inside.isEmpty() && !overwrite) {
        return problem("is not empty; --overwrite replaces a model there");
      }
      // It would go by another name, and a shell in it would stand in a folder that is gone.
      if (path.toRealPath().equals(Path.of("").toRealPath())) {
        return problem("is the folder that the command runs in; name a folder in it");
      }
      for (Path file : inside) {
        boolean ofAModel =
            Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
                && MODEL_FILE.matcher(file.getFileName().toString()).matches();
        if (!ofAModel) {
          return problem(
              "is not replaced: %s in it is no file of a model".formatted(file.getFileName()));
        }
      }
    }
    return List.of();
  }

  /** Why it cannot be written there when it is made of what is in a folder, if it cannot. */
  List<String> problemsBeside(Path source) throws IOException {
    return Files.exists(path) && path.toRealPath().equals(source.toRealPath())
        ? problem("is the model itself")
        : List.of();
  }

  private List<String> problem(String what) {
    return List.of("%s %s %s".formatted(OPTION, path, what));
  }

  /**
   * Writes beside the place, and renames. After an exception there is what was there before, and
   * nothing else.
   *
   * @throws IOException that names the place and says what to do, if it cannot be written there
   */
  void write(Writing writing) throws IOException {
    Path temporary;
    try {
      DurableFiles.createFolders(path.getParent());
      temporary = newTemporary();
    } catch (IOException e) {
      throw failed(e, path, whatIsLeft());
    }
    Path former = beside(temporary, OLD);
    try {
      fill(temporary, writing);
      moveIntoPlace(temporary, former);
    } catch (IOException e) {
      DurableFiles.deleteUnfinished(temporary, e);
      throw failed(
          e, temporary, Files.exists(former) ? "what was there is now " + former : whatIsLeft());
    } catch (RuntimeException | Error e) {
      DurableFiles.deleteUnfinished(temporary, e);
      throw e;
    }
    try {
      // Once it is certain that the new one is there.
      DurableFiles.forceFolder(path.getParent());
      DurableFiles.deleteTree(former);
    } catch (IOException e) {
      String old = Files.exists(former) ? ", and what was there before is " + former : "";
      throw failed(e, temporary, "the result is there all the same" + old);
    }
  }

  private String whatIsLeft() {
    return Files.exists(path) ? "what was there is unchanged" : "nothing was written";
  }

  private IOException failed(IOException problem, Path temporary, String left) {
    if (!StorageProblem.isOne(problem)) {
      return problem;
    }
    IOException explained = StorageProblem.explain(path, problem, OPTION);
    // The user knows the place, and not what it is called until it is whole.
    String message = explained.getMessage().replace(temporary.toString(), path.toString());
    return new IOException(message + "; " + left, problem);
  }

  /** Of another name for each process, because what has the name might be somebody's. */
  private Path newTemporary() throws IOException {
    long mark = ProcessHandle.current().pid();
    while (true) {
      Path temporary =
          path.resolveSibling("%s.%d%s".formatted(path.getFileName(), mark, UNFINISHED));
      try {
        if (!Files.exists(beside(temporary, OLD))) {
          return folder ? Files.createDirectory(temporary) : Files.createFile(temporary);
        }
      } catch (FileAlreadyExistsException e) {
        // Processes of two containers may have one number.
      }
      mark++;
    }
  }

  private static Path beside(Path temporary, String ending) {
    String name = temporary.getFileName().toString();
    return temporary.resolveSibling(
        name.substring(0, name.length() - UNFINISHED.length()) + ending);
  }

  /** A signal that ends the program meanwhile leaves no part behind. */
  private static void fill(Path temporary, Writing writing) throws IOException {
    DeletedOnExit part = new DeletedOnExit(temporary);
    try {
      writing.to(temporary);
    } finally {
      part.keep();
    }
  }

  private void moveIntoPlace(Path temporary, Path former) throws IOException {
    // What has come since it was asked is not overwritten either.
    List<String> problems = problems();
    if (!problems.isEmpty()) {
      throw new InvalidFileException(path, "", problems.get(0));
    }
    if (!folder) {
      Files.move(
          temporary, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      return;
    }
    // A folder can only be renamed to where there is none.
    boolean replaces = Files.exists(path);
    if (replaces) {
      moveAway(former);
    }
    try {
      Files.move(temporary, path);
    } catch (IOException e) {
      if (replaces) {
        putBack(former, e);
      }
      throw e;
    }
  }

  private void putBack(Path former, IOException cause) {
    try {
      Files.move(former, path);
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
  }

  private void moveAway(Path former) throws IOException {
    try {
      Files.move(path, former);
    } catch (DirectoryNotEmptyException e) {
      // An overlay does not rename a folder of its lower layer, and Java then tries to copy it.
      throw new InvalidFileException(
          path,
          "",
          "this file system cannot rename the folder that is there, to replace it; remove it first,"
              + " or choose another one with --out",
          e);
    }
  }

  /** The bytes of what is there. */
  long bytes() throws IOException {
    try (Stream<Path> files = Files.walk(path)) {
      long bytes = 0;
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        bytes += Files.size(file);
      }
      return bytes;
    }
  }
}
