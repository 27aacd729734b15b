package dev.lanewise.trainer.export;

import dev.lanewise.engine.registry.Registry;
import dev.lanewise.model.io.Encoding;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/** A form in which models leave. To add one, write a class and add it to {@link Exports}. */
public interface Export extends Registry.Kind {

  /** Returns the encodings that the form has. */
  List<Encoding> encodings();

  /** Returns whether the result is a folder. */
  boolean isFolder();

  /**
   * Makes ready to write a model. Whatever can be refused is refused here, when nothing has been
   * written yet.
   *
   * @param notes is told what the reader of the result will not have
   * @throws IOException that names the file and field of the model that cannot be written
   * @throws IllegalArgumentException if the form does not have such models
   */
  Prepared prepare(ExportedModel model, Encoding encoding, Consumer<String> notes)
      throws IOException;

  /** What is ready to be written. */
  interface Prepared {

    /** Returns about how many bytes will be written. */
    long bytes();

    /**
     * Writes all, and returns when it is on the disk.
     *
     * @param to a file that is not there yet, or an empty folder
     * @param written is told the bytes of each tensor
     */
    void write(Path to, LongConsumer written) throws IOException;
  }
}
