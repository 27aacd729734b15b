package dev.lanewise.trainer.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.lanewise.model.io.Counted;
import dev.lanewise.trainer.progress.Phase;
import dev.lanewise.trainer.progress.Progress;
import dev.lanewise.trainer.run.KnownModel;
import dev.lanewise.trainer.text.DocumentReader;
import dev.lanewise.trainer.text.JsonLinesFiles;
import dev.lanewise.trainer.text.conversation.ChatForm;
import dev.lanewise.trainer.text.conversation.CountedTokens;
import dev.lanewise.trainer.text.conversation.DocumentSummary;
import dev.lanewise.trainer.text.conversation.DocumentTokens;
import dev.lanewise.trainer.text.conversation.JsonLines;
import dev.lanewise.trainer.text.conversation.LongDocuments;
import dev.lanewise.trainer.text.conversation.TrainOn;
import dev.lanewise.trainer.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code lanewise data}. */
@Command(
    name = "data",
    description = {
      "Shows documents as a model will see them, and which of their tokens count.",
      "",
      "A line of a JSON Lines file is a document: {\"text\"}, {\"prompt\", \"completion\"}",
      "or {\"messages\": [{\"role\", \"content\"}]}. Messages are written by the model's",
      "own chat template. What counts in the loss stands between \u27e6 and \u27e7."
    },
    footer = {
      "",
      "Example:",
      "  lanewise data --model SmolLM2-135M/ --data chats.jsonl --show 2",
      "",
      "All documents are read and summed up, however many are shown."
    })
final class DataCommand extends WatchedCommand {

  @Mixin private ModelOptions model = new ModelOptions();

  @Option(
      names = "--data",
      preprocessor = Verbatim.class,
      required = true,
      arity = "1..*",
      paramLabel = "FILE",
      description = "files of JSON Lines in UTF-8, packed by gzip or not, and folders of them")
  private List<Path> data;

  @Option(
      names = "--show",
      paramLabel = "N",
      description = "how many documents to print (default: ${DEFAULT-VALUE})")
  private int show = 3;

  @Option(
      names = "--context",
      paramLabel = "N",
      description = "the length that documents are cut at (default: all that the model sees)")
  private Integer context;

  @Option(
      names = "--train-on",
      paramLabel = "WHAT",
      description =
          "answers: completions and what the assistant says count; all: prompts and questions too"
              + " (default: answers)")
  private TrainOn trainOn = TrainOn.ANSWERS;

  @Option(
      names = "--skip-bad",
      description = "leave out documents that are no good, and say how many")
  private boolean skipBad;

  /** The documents are what is asked for. */
  @Override
  boolean tellsOnOut() {
    return true;
  }

  @Override
  int run(Display display) throws IOException {
    if (show < 0) {
      throw wrongCall("--show " + show + " has to be at least 0");
    }
    JsonLinesFiles files = JsonLinesFiles.of(data);
    KnownModel known = model.known(display);
    int window = ModelOptions.window(this, known, context);
    display.tell(new ModelOrigin(known.origin(), known.folder()));
    ChatForm form = ChatForm.of(known.folder(), known.tokenizer());
    DocumentTokens tokens = new DocumentTokens(known.tokenizer(), form, trainOn);
    DocumentSummary summary = new DocumentSummary(form.origin(), window, LongDocuments.CUT);
    new DocumentReader(tokens, skipBad, summary, Progress.SILENT.begin(Phase.READING, 0))
        .read(
            files.files(),
            (line, result) -> {
              if (summary.documents() <= show) {
                for (CountedTokens part : result.parts()) {
                  display.tell(new Shown(line, summary.documents(), part, known.tokenizer()));
                }
              }
            });
    RunMessage.Documents.tellNotes(summary, display);
    if (summary.documents() == 0) {
      warn(files.description() + ": " + summary.whyNone());
    } else if (summary.counted() == 0) {
      warn("no token counts: nothing can be learned from this");
    }
    display.result(new Totals(summary));
    return 0;
  }

  /** A document, or a part of it that is learned by itself. */
  private record Shown(JsonLines.Line line, long number, CountedTokens tokens, Tokenizer tokenizer)
      implements Message {

    @Override
    public String type() {
      return "document";
    }

    @Override
    public String text() {
      StringBuilder text = new StringBuilder();
      text.append(
          "document %d (%s, line %d): %s, of which %d count\n"
              .formatted(
                  number,
                  line.file(),
                  line.number(),
                  Counted.of(tokens.ids().length, "token"),
                  tokens.countedBefore(tokens.ids().length)));
      int begin = 0;
      for (int end = 1; end <= tokens.ids().length; end++) {
        boolean counted = tokens.counted()[begin];
        if (end == tokens.ids().length || tokens.counted()[end] != counted) {
          String run = tokenizer.decode(tokens.ids(), begin, end);
          text.append(counted ? "\u27e6" : "")
              .append(TerminalText.shown(run))
              .append(counted ? "\u27e7" : "");
          begin = end;
        }
      }
      return text.append('\n').toString();
    }

    @Override
    public void write(JsonGenerator json) throws IOException {
      json.writeStringField("file", line.file().toString());
      json.writeNumberField("line", line.number());
      json.writeStringField("text", tokenizer.decode(tokens.ids()));
      json.writeFieldName("ids");
      json.writeArray(tokens.ids(), 0, tokens.ids().length);
      json.writeArrayFieldStart("counted");
      for (boolean counted : tokens.counted()) {
        json.writeNumber(counted ? 1 : 0);
      }
      json.writeEndArray();
    }
  }

  /** What all documents come to. */
  private record Totals(DocumentSummary summary) implements Message {

    @Override
    public String type() {
      return "result";
    }

    @Override
    public String text() {
      return summary.describe();
    }

    @Override
    public void write(JsonGenerator json) throws IOException {
      json.writeStringField("command", "data");
      RunMessage.Documents.write(summary, json);
    }
  }
}
