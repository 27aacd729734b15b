package dev.lanewise.trainer.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.lanewise.trainer.generate.Generator;
import dev.lanewise.trainer.generate.SamplingOptions;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

/**
 * Several texts from one prompt, each with a seed of its own, that are written side by side. People
 * see the first as it comes and the others behind it, scripts an object for each.
 *
 * @param options of each text
 */
record SampleTexts(Display display, String prompt, List<SamplingOptions> options) {

  /** Options that differ in their seeds: one after another. */
  static List<SamplingOptions> seeds(SamplingOptions first, int count) {
    return IntStream.range(0, count)
        .mapToObj(
            i ->
                new SamplingOptions(
                    first.temperature(), first.topK(), first.topP(), first.seed() + i))
        .toList();
  }

  /** Writes them. */
  void write(Generator generator, int[] ids, int maxTokens, BooleanSupplier stop, boolean scripts) {
    List<StringBuilder> texts = options.stream().map(each -> new StringBuilder()).toList();
    GenerationSpeed.Clock clock = new GenerationSpeed.Clock();
    List<Generator.Result> results =
        generator.generate(
            ids,
            maxTokens,
            options,
            stop,
            (text, piece) -> {
              clock.piece();
              if (text == 0 && !scripts) {
                display.piece((texts.get(0).isEmpty() ? beginning(0) : "") + piece);
              }
              texts.get(text).append(piece);
            });
    GenerationSpeed speed = clock.speed(results);
    for (int i = 0; i < texts.size(); i++) {
      if (!scripts && (i > 0 || texts.get(i).isEmpty())) {
        display.piece(beginning(i) + texts.get(i));
      }
      display.result(
          new Sample(i, options.get(i).seed(), prompt, texts.get(i).toString(), results.get(i)));
    }
    if (!scripts && speed.isAny()) {
      display.tell(speed);
    }
  }

  private String beginning(int text) {
    return String.format(
        Locale.ROOT,
        "%s--- %d of %d, seed %d ---%n%s",
        text == 0 ? "" : System.lineSeparator(),
        text + 1,
        options.size(),
        options.get(text).seed(),
        prompt);
  }

  /** What came out, of one text. */
  private record Sample(
      int number, long seed, String prompt, String generated, Generator.Result counts)
      implements Message {

    @Override
    public String type() {
      return "generated";
    }

    /** People have read it; this ends its last line. */
    @Override
    public String text() {
      return "";
    }

    @Override
    public void write(JsonGenerator json) throws IOException {
      json.writeNumberField("number", number + 1);
      json.writeNumberField("seed", seed);
      json.writeStringField("prompt", prompt);
      json.writeStringField("text", generated);
      json.writeNumberField("prompt_tokens", counts.promptTokens());
      json.writeNumberField("tokens", counts.tokens());
      json.writeBooleanField("stopped", counts.stopped());
    }
  }
}
