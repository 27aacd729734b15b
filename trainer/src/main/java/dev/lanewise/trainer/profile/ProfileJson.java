package dev.lanewise.trainer.profile;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.lanewise.model.io.JsonText;
import dev.lanewise.trainer.profile.Profile.Row;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A profile for scripts: one JSON object on one line. What is not known is left out. */
public final class ProfileJson {

  private ProfileJson() {}

  /** Writes a profile, each layer by itself. */
  public static String of(Profile profile) {
    byte[] json =
        JsonText.compact(
            object -> {
              writeFacts(object, profile);
              writeRows(object, "layers", profile, profile.byLayer());
              writeRows(object, "kernels", profile, profile.byKernel());
              object.writeArrayFieldStart("warnings");
              for (String warning : profile.warnings()) {
                object.writeString(warning);
              }
              object.writeEndArray();
            });
    return new String(json, StandardCharsets.UTF_8);
  }

  private static void writeFacts(JsonGenerator json, Profile profile) throws IOException {
    json.writeNumberField("first_step", profile.steps().first());
    json.writeNumberField("last_step", profile.steps().last());
    json.writeNumberField("steps", profile.steps().count());
    json.writeNumberField("steps_left_out", profile.steps().leftOut());
    json.writeNumberField("ms_per_step", profile.steps().milliseconds());
    json.writeNumberField("tokens_per_s", profile.tokensPerSecond());
    json.writeNumberField("threads", profile.machine().threads());
    if (profile.machine().kernels() != null) {
      json.writeStringField("kernels_used", profile.machine().kernels());
    }
    if (profile.machine().processor() != null) {
      json.writeStringField("processor", profile.machine().processor());
    }
    writeIfKnown(json, "peak_gflops", profile.machine().peakGigaflops());
    writeIfKnown(json, "gflops", profile.gigaflops(profile.total()));
    writeIfKnown(json, "peak_fraction", profile.peakFraction(profile.total()));
    json.writeNumberField("waiting_share", profile.total().waitingShare());
    json.writeNumberField("evaluations", profile.outside().evaluations());
    json.writeNumberField("evaluations_ms", profile.outside().evaluationMilliseconds());
    json.writeNumberField("checkpoints", profile.outside().checkpoints());
    json.writeNumberField("checkpoints_ms", profile.outside().checkpointMilliseconds());
  }

  private static void writeRows(JsonGenerator json, String name, Profile profile, List<Row> rows)
      throws IOException {
    json.writeArrayFieldStart(name);
    for (Row row : rows) {
      json.writeStartObject();
      json.writeStringField("name", row.name());
      if (!row.direction().isEmpty()) {
        json.writeStringField("direction", row.direction());
      }
      if (!row.kernel().isEmpty()) {
        json.writeStringField("kernel", row.kernel());
      }
      json.writeNumberField("share", profile.share(row));
      json.writeNumberField("ms_per_step", profile.milliseconds(row));
      writeIfKnown(json, "gflops", profile.gigaflops(row));
      writeIfKnown(json, "gb_per_s", profile.gigabytes(row));
      writeIfKnown(json, "peak_fraction", profile.peakFraction(row));
      json.writeNumberField("waiting_share", row.waitingShare());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void writeIfKnown(JsonGenerator json, String name, double value)
      throws IOException {
    if (value > 0) {
      json.writeNumberField(name, value);
    }
  }
}
