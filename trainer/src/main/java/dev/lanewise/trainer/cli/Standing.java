package dev.lanewise.trainer.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.lanewise.trainer.progress.Phase;
import dev.lanewise.trainer.progress.Progress;
import java.io.IOException;

/**
 * Where a phase stands.
 *
 * @param total {@link Progress#UNKNOWN} if nobody knows
 * @param seconds since it began
 * @param secondsLeft until its end at the speed so far; not a number if that cannot be said
 */
record Standing(Phase phase, long done, long total, double seconds, double secondsLeft)
    implements Message {

  /** What is done of all, from 0 to 1; not a number if the total is unknown. */
  double share() {
    if (total == Progress.UNKNOWN) {
      return Double.NaN;
    }
    return total == 0 ? 1 : (double) done / total;
  }

  @Override
  public String type() {
    return "progress";
  }

  /** Such as "reading the text: 40 % of 310.5 MB, 2m10s left". */
  @Override
  public String text() {
    return phase.words() + ": " + amount();
  }

  private String amount() {
    if (done == total) {
      return "%s in %s".formatted(amount(done), Amounts.time(seconds));
    }
    if (total == Progress.UNKNOWN) {
      return amount(done) + " so far";
    }
    return percent() + " of " + amount(total) + left();
  }

  /** As {@link #text} where there is little room, of a phase on its way. */
  String brief() {
    return phase.words() + (total == Progress.UNKNOWN ? "" : ": " + percent() + left());
  }

  /** Rounded down: what is not done is not 100 %. */
  private String percent() {
    return (int) (100 * share()) + " %";
  }

  private String left() {
    return Double.isNaN(secondsLeft) ? "" : ", " + Amounts.time(secondsLeft) + " left";
  }

  private String amount(long count) {
    return phase.unit() == Phase.Unit.BYTES
        ? Amounts.bytes(count)
        : Amounts.count(count) + " " + phase.unit().id();
  }

  @Override
  public void write(JsonGenerator json) throws IOException {
    json.writeStringField("phase", phase.id());
    json.writeStringField("unit", phase.unit().id());
    json.writeNumberField("done", done);
    if (total == Progress.UNKNOWN) {
      json.writeNullField("total");
    } else {
      json.writeNumberField("total", total);
    }
    Message.number(json, "share", share());
    Message.number(json, "seconds", seconds);
    Message.number(json, "seconds_left", secondsLeft);
  }
}
