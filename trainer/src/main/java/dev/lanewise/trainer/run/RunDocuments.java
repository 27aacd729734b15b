package dev.lanewise.trainer.run;

import dev.lanewise.model.io.ConfigFields;
import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.model.io.JsonText;
import dev.lanewise.model.io.RegularFile;
import dev.lanewise.trainer.files.DurableFiles;
import dev.lanewise.trainer.text.JsonLinesFiles;
import dev.lanewise.trainer.text.TrainingData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a run on JSON Lines knows besides the names of its files, in its {@code documents.json}. A
 * run on text does not have one.
 *
 * @param validation the files that validate; none if a tenth of the documents does
 * @param begun the day that chat templates are told, if they ask: the first of the run
 */
public record RunDocuments(List<Path> validation, LocalDate begun) {

  private static final int VERSION = 1;
  private static final int MAX_BYTES = 1 << 20;

  /** Copies the list. */
  public RunDocuments {
    validation = List.copyOf(validation);
  }

  /**
   * Reads the file of a run.
   *
   * @return empty if it is a run on text
   */
  public static Optional<RunDocuments> in(RunFolder run) throws IOException {
    Path file = run.documents();
    if (!RegularFile.isThere(file)) {
      return Optional.empty();
    }
    ConfigFields fields = ConfigFields.read(file, MAX_BYTES);
    int version = fields.requiredSize("format_version", Integer.MAX_VALUE);
    if (version != VERSION) {
      throw fields.problem(
          "format_version", "this Lanewise reads version %d, found %d".formatted(VERSION, version));
    }
    List<Path> validation = new ArrayList<>();
    try {
      for (Object path : fields.list("validation")) {
        validation.add(Path.of(String.valueOf(path)));
      }
      return Optional.of(new RunDocuments(validation, LocalDate.parse(fields.string("begun", ""))));
    } catch (InvalidPathException | DateTimeException e) {
      throw new InvalidFileException(file, "", e.getMessage(), e);
    }
  }

  /** Whether the file of a run says what is to be said of some data. */
  static boolean isOf(RunFolder run, TrainingData data) throws IOException {
    Optional<RunDocuments> there = in(run);
    return data instanceof JsonLinesFiles documents
        ? there.isPresent() && there.get().validation.equals(absolute(documents))
        : there.isEmpty();
  }

  /** Writes the file of a run on such data. The first day stays what it was. */
  static void write(RunFolder run, TrainingData data) throws IOException {
    if (isOf(run, data)) {
      return;
    }
    if (!(data instanceof JsonLinesFiles documents)) {
      Files.deleteIfExists(run.documents());
      return;
    }
    LocalDate begun =
        in(run).map(RunDocuments::begun).orElseGet(() -> LocalDate.now(ZoneId.systemDefault()));
    DurableFiles.replace(run.documents(), new RunDocuments(absolute(documents), begun).render());
  }

  private static List<Path> absolute(JsonLinesFiles documents) {
    return documents.validation().stream().map(Path::toAbsolutePath).toList();
  }

  private byte[] render() {
    return JsonText.indented(
        json -> {
          json.writeNumberField("format_version", VERSION);
          json.writeArrayFieldStart("validation");
          for (Path path : validation) {
            json.writeString(path.toString());
          }
          json.writeEndArray();
          json.writeStringField("begun", begun.toString());
        });
  }
}
