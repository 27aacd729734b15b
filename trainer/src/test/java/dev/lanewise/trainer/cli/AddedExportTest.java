package dev.lanewise.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.model.io.Encoding;
import dev.lanewise.trainer.export.Export;
import dev.lanewise.trainer.export.ExportedModel;
import dev.lanewise.trainer.export.Exports;
import dev.lanewise.trainer.fixture.HuggingFaceModels;
import dev.lanewise.trainer.progress.Progress;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** A form of export that is written here and registered, and nothing else. */
class AddedExportTest {

  /** The names and sums of all parameters, a line each. */
  private static final class SumsExport implements Export {

    @Override
    public String id() {
      return "sums";
    }

    @Override
    public List<Encoding> encodings() {
      return List.of(Encoding.F32);
    }

    @Override
    public boolean isFolder() {
      return false;
    }

    @Override
    public Prepared prepare(ExportedModel model, Encoding encoding, Consumer<String> notes) {
      String text =
          model.weights().parameters().stream()
              .map(parameter -> line(model, parameter))
              .collect(Collectors.joining());
      return new Prepared() {
        @Override
        public long bytes() {
          return text.length();
        }

        @Override
        public void write(Path to, LongConsumer written) throws IOException {
          Files.writeString(to, text);
          written.accept(text.length());
        }
      };
    }

    private static String line(ExportedModel model, Parameter parameter) {
      double sum = 0;
      int offset = model.weights().layout().offset(parameter);
      for (int i = 0; i < parameter.size(); i++) {
        sum += model.weights().data()[offset + i];
      }
      return parameter.name() + " " + sum + "\n";
    }
  }

  @TempDir private Path folder;

  @Test
  void anAddedFormIsAskedForByItsName() throws IOException {
    Path model = HuggingFaceModels.copy("qwen3", folder.resolve("model"));
    Path out = folder.resolve("sums.txt");
    StringWriter printed = new StringWriter();
    CommandLine command =
        new CommandLine(new ExportCommand(Exports.STANDARD.with(new SumsExport())));
    Verbatim.registerConverters(command);
    command.setOut(new PrintWriter(printed));
    command.setErr(new PrintWriter(printed));
    int exitCode =
        command.execute("--model", model.toString(), "--to", "sums", "--out", out.toString());
    assertThat(exitCode).as(printed.toString()).isZero();
    assertThat(Files.readAllLines(out))
        .hasSize(
            ExportedModel.read(model, note -> {}, Progress.SILENT).weights().parameters().size())
        .anyMatch(line -> line.startsWith("layers.1.feed_forward.down.weight "));
    assertThat(CommandRun.of("export", "--model=x", "--to=sums", "--out=y").err())
        .contains("there is no such form; there are hf, gguf");
  }
}
