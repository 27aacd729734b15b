package dev.lanewise.trainer.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.lanewise.engine.registry.Registry;
import dev.lanewise.model.io.Encoding;
import dev.lanewise.trainer.cli.jvm.StopSignals;
import dev.lanewise.trainer.export.Export;
import dev.lanewise.trainer.export.ExportedModel;
import dev.lanewise.trainer.export.Exports;
import dev.lanewise.trainer.progress.Phase;
import dev.lanewise.trainer.progress.Tally;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code lanewise export}. */
@Command(
    name = "export",
    description = {
      "Writes a model for other programs.",
      "",
      "hf is a folder that Hugging Face's library opens: weights, config.json, and the",
      "tokenizer's files, chat template and generation_config.json of the model. gguf",
      "is one file with all of that for llama.cpp, Ollama and LM Studio. peft is the",
      "folder of an adapter (LoRA) for Hugging Face's peft.",
      "",
      "The result is written beside its place and renamed when it is whole. The model",
      "is read only."
    },
    footer = {
      "",
      "Examples:",
      "  lanewise export --model runs/mine --to gguf --out mine.gguf",
      "  lanewise export --model runs/mine --to gguf --dtype q8_0 --out mine-q8.gguf",
      "  lanewise export --model runs/mine --to hf --dtype bf16 --out mine-hf",
      "  lanewise export --model runs/lora --to gguf --merge --out tuned.gguf",
      "  lanewise export --model runs/lora --to peft --out adapter/"
    })
final class ExportCommand extends WatchedCommand {

  @Mixin private ModelOptions model = new ModelOptions();

  @Option(
      names = "--merge",
      description =
          "of an adapter: add it to the weights of its base and write the whole model, for hf and"
              + " gguf")
  private boolean merge;

  @Option(
      names = "--to",
      preprocessor = Verbatim.class,
      required = true,
      paramLabel = "FORM",
      description =
          "hf, a folder, or gguf, a file; of an adapter peft, a folder, or gguf, a file for"
              + " llama.cpp's --lora, or with --merge as of any model")
  private String to;

  @Option(
      names = "--dtype",
      preprocessor = Verbatim.class,
      paramLabel = "NAME",
      description =
          "f32, which is exact, f16, bf16 (half the size), or, for gguf, q8_0 (a quarter); norms"
              + " and biases of a gguf are always f32 (default: ${DEFAULT-VALUE})")
  private String dtype = Encoding.F32.id();

  @Option(
      names = "--out",
      preprocessor = Verbatim.class,
      required = true,
      paramLabel = "PATH",
      description = "where to write: a path where nothing is, or for hf an empty folder")
  private Path out;

  @Option(
      names = "--overwrite",
      description =
          "replace a file, or a folder that holds nothing but the files of a model, when the new"
              + " one is whole")
  private boolean overwrite;

  private final Registry<Export> exports;

  ExportCommand() {
    this(Exports.STANDARD);
  }

  ExportCommand(Registry<Export> exports) {
    this.exports = exports;
  }

  @Override
  int run(Display display) throws IOException {
    List<String> problems = new ArrayList<>();
    Optional<Export> found = exports.find(to);
    Optional<Encoding> encoding =
        List.of(Encoding.values()).stream().filter(e -> e.id().equals(dtype)).findFirst();
    if (found.isEmpty()) {
      problems.add("--to %s: there is no such form; there are %s".formatted(to, exports.names()));
    }
    if (encoding.isEmpty()) {
      problems.add(
          "--dtype %s: there is no such type; there are %s"
              .formatted(dtype, names(List.of(Encoding.values()))));
    } else if (found.isPresent() && !found.get().encodings().contains(encoding.get())) {
      problems.add(
          "--dtype %s: --to %s has only %s".formatted(dtype, to, names(found.get().encodings())));
    }
    requireNone(problems);
    export(found.get(), encoding.get(), display);
    return 0;
  }

  private static String names(List<Encoding> encodings) {
    return encodings.stream().map(Encoding::id).collect(Collectors.joining(", "));
  }

  private void export(Export export, Encoding encoding, Display display) throws IOException {
    OutputPlace place = new OutputPlace(out, export.isFolder(), overwrite);
    // Before the weights are read, which takes its time.
    requireNone(place.problems());
    ExportedModel source =
        ExportedModel.read(model.folder(), model.base(), merge, display::note, display);
    requireNone(place.problemsBeside(source.folder()));
    display.tell(new ModelOrigin(source.origin(), source.folder()));
    Export.Prepared prepared = export.prepare(source, encoding, display::note);
    Tally tally = display.begin(Phase.EXPORTING, prepared.bytes());
    try (StopSignals signals = StopSignals.catching(() -> {})) {
      place.write(
          temporary ->
              prepared.write(
                  temporary,
                  bytes -> {
                    if (signals.isCaught()) {
                      throw new IllegalStateException("stopped; nothing was written");
                    }
                    tally.accept(bytes);
                  }));
    }
    tally.end();
    display.result(new Written(out, export.id(), encoding.id(), place.bytes()));
  }

  /** What was written. */
  private record Written(Path path, String form, String dtype, long bytes) implements Message {

    @Override
    public String type() {
      return "result";
    }

    @Override
    public String text() {
      return "wrote %s: %s %s, %s".formatted(path, form, dtype, Amounts.bytes(bytes));
    }

    @Override
    public void write(JsonGenerator json) throws IOException {
      json.writeStringField("command", "export");
      json.writeStringField("path", path.toString());
      json.writeStringField("to", form);
      json.writeStringField("dtype", dtype);
      json.writeNumberField("bytes", bytes);
    }
  }
}
