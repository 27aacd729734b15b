package dev.lanewise.trainer.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.Locale;

/**
 * How fast a text was written.
 *
 * @param promptTokens that it went on from
 * @param firstSeconds from the prompt to the first piece of text
 * @param tokens written, that piece among them
 * @param restSeconds from the first piece to the end
 */
record GenerationSpeed(int promptTokens, double firstSeconds, int tokens, double restSeconds)
    implements Message {

  @Override
  public String type() {
    return "speed";
  }

  private double tokensPerSecond() {
    return (tokens - 1) / restSeconds;
  }

  @Override
  public String text() {
    String first = "%.2f s to the first token after %s of the prompt";
    String rest = Double.isFinite(tokensPerSecond()) && tokens > 1 ? ", then %.0f tokens/s" : "";
    return String.format(
        Locale.ROOT, first + rest, firstSeconds, Amounts.count(promptTokens), tokensPerSecond());
  }

  @Override
  public void write(JsonGenerator json) throws IOException {
    Message.number(json, "first_seconds", firstSeconds);
    Message.number(json, "tokens_per_s", tokens > 1 ? tokensPerSecond() : Double.NaN);
  }
}
