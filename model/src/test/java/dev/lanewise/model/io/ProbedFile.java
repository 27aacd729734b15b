package dev.lanewise.model.io;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.engine.tensor.FloatTensor;
import dev.lanewise.engine.tensor.Shape;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A file that is written over and over with bytes that may be a safetensors file. */
record ProbedFile(Path path) {

  static byte[] bytes(SafetensorsWriter writer) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    writer.write(Channels.newChannel(bytes));
    return bytes.toByteArray();
  }

  /** Whether a file of these bytes opens; reads what it can of it. */
  boolean isReadable(byte[] bytes) throws IOException {
    Files.write(path, bytes);
    try (SafetensorsFile in = SafetensorsFile.open(path)) {
      for (String name : new ArrayList<>(in.names())) {
        for (Shape shape : List.of(Shape.of(2, 3), Shape.of(2), Shape.of(0, 7))) {
          try {
            in.read(name, new FloatTensor(new float[shape.size()], 0, shape));
          } catch (InvalidFileException e) {
            assertThat(e.field()).isEqualTo(InvalidFileException.quote(name));
          }
        }
      }
      return true;
    } catch (InvalidFileException e) {
      assertThat(e.getMessage()).contains(path.toString());
      return false;
    }
  }
}
