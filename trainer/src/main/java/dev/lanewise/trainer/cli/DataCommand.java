package dev.lanewise.trainer.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.trainer.run.KnownModel;
import dev.lanewise.trainer.text.conversation.ChatForm;
import dev.lanewise.trainer.text.conversation.CountedTokens;
import dev.lanewise.trainer.text.conversation.DocumentTokens;
import dev.lanewise.trainer.text.conversation.InvalidDocumentException;
import dev.lanewise.trainer.text.conversation.JsonLines;
import dev.lanewise.trainer.text.conversation.TrainOn;
import dev.lanewise.trainer.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
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

  @Option(
      names = "--model",
      preprocessor = Verbatim.class,
      required = true,
      paramLabel = "DIR",
      description = "a model in Hugging Face's form, a run, or a checkpoint")
  private Path model;

  @Option(
      names = "--data",
      preprocessor = Verbatim.class,
      required = true,
      arity = "1..*",
      paramLabel = "FILE",
      description = "files of JSON Lines in UTF-8, packed by gzip or not")
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
          "answers: completions and what the assistant says count; all: prompts and questions too (default: ${DEFAULT-VALUE})")
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
    KnownModel known = KnownModel.in(model, display);
    int sees = known.description().config().contextLength();
    if (context != null && (context < 1 || context > sees)) {
      throw wrongCall(
          "--context %d: the model in %s sees %d tokens; take from 1 to that many"
              .formatted(context, known.folder(), sees));
    }
    display.tell(new ModelOrigin(known.origin(), known.folder()));
    ChatForm form = ChatForm.of(known.folder(), known.tokenizer());
    DocumentTokens tokens = new DocumentTokens(known.tokenizer(), form, trainOn);
    Totals totals = new Totals(form.origin(), context == null ? sees : context);
    for (Path file : data) {
      try (JsonLines lines = JsonLines.open(file)) {
        read(lines, tokens, known.tokenizer(), totals, display);
      }
    }
    totals.notes.forEach((note, count) -> display.note(count + " of the documents: " + note));
    if (totals.bad > 0) {
      warn(
          "%d bad document%s left out, as --skip-bad asks; the first: %s"
              .formatted(totals.bad, totals.bad == 1 ? " was" : "s were", totals.firstBad));
    }
    if (totals.counted == 0) {
      warn("no token counts: nothing can be learned from this");
    }
    display.result(totals);
    return 0;
  }

  private void read(
      JsonLines lines, DocumentTokens tokens, Tokenizer tokenizer, Totals totals, Display display)
      throws IOException {
    while (true) {
      try {
        JsonLines.Line line = lines.next();
        if (line == null) {
          return;
        }
        DocumentTokens.Result result;
        try {
          result = tokens.of(line.document());
        } catch (InvalidDocumentException e) {
          throw line.problem(e);
        }
        totals.add(result);
        if (totals.documents <= show) {
          for (CountedTokens part : result.parts()) {
            display.tell(new Shown(line, totals.documents, part, tokenizer));
          }
        }
      } catch (InvalidFileException e) {
        if (!skipBad) {
          throw e;
        }
        totals.bad++;
        totals.firstBad = totals.firstBad == null ? e.getMessage() : totals.firstBad;
      }
    }
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
          "document %d (%s, line %d): %d tokens, of which %d count\n"
              .formatted(
                  number,
                  line.file(),
                  line.number(),
                  tokens.ids().length,
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
  private static final class Totals implements Message {
    private final String template;
    private final int context;
    private final Map<String, Integer> notes = new LinkedHashMap<>();
    private long documents;
    private long parts;
    private long tokens;
    private long counted;
    private long longest;
    private long cutParts;
    private long cutTokens;
    private long cutCounted;
    private long bad;
    private String firstBad;

    Totals(String template, int context) {
      this.template = template;
      this.context = context;
    }

    void add(DocumentTokens.Result result) {
      documents++;
      result.notes().forEach(note -> notes.merge(note, 1, Integer::sum));
      for (CountedTokens part : result.parts()) {
        int length = part.ids().length;
        int kept = Math.min(length, context);
        int counts = part.countedBefore(length);
        parts++;
        tokens += length;
        counted += counts;
        longest = Math.max(longest, length);
        cutParts += length > kept ? 1 : 0;
        cutTokens += length - kept;
        cutCounted += counts - part.countedBefore(kept);
      }
    }

    @Override
    public String type() {
      return "result";
    }

    @Override
    public String text() {
      return String.format(
          Locale.ROOT,
          "documents=%d parts=%d tokens=%d counted=%d (%.1f%%) longest=%d context=%d cut_parts=%d cut_tokens=%d (%.1f%%) template=%s",
          documents,
          parts,
          tokens,
          counted,
          share(counted, tokens),
          longest,
          context,
          cutParts,
          cutTokens,
          share(cutTokens, tokens),
          template);
    }

    private static double share(long part, long whole) {
      return whole == 0 ? 0 : 100.0 * part / whole;
    }

    @Override
    public void write(JsonGenerator json) throws IOException {
      json.writeStringField("command", "data");
      json.writeStringField("template", template);
      json.writeNumberField("documents", documents);
      json.writeNumberField("parts", parts);
      json.writeNumberField("tokens", tokens);
      json.writeNumberField("counted", counted);
      json.writeNumberField("longest", longest);
      json.writeNumberField("context", context);
      json.writeNumberField("cut_parts", cutParts);
      json.writeNumberField("cut_tokens", cutTokens);
      json.writeNumberField("cut_counted", cutCounted);
      json.writeNumberField("bad", bad);
    }
  }
}
