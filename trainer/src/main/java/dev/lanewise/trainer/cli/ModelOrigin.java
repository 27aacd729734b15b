package dev.lanewise.trainer.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.nio.file.Path;

/** Which model was loaded, and why that one. */
record ModelOrigin(String text, Path folder) implements Message {

  @Override
  public String type() {
    return "model";
  }

  @Override
  public void write(JsonGenerator json) throws IOException {
    json.writeStringField("origin", text);
    json.writeStringField("folder", folder.toString());
  }
}
