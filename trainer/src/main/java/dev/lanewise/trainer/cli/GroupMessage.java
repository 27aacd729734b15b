package dev.lanewise.trainer.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.lanewise.trainer.run.compare.Comparison;
import dev.lanewise.trainer.run.compare.ComparisonTable;
import dev.lanewise.trainer.run.compare.RunGroup;
import dev.lanewise.trainer.run.compare.Statistic;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What runs came to that differ in nothing but the seed.
 *
 * @param differences the settings in which the groups of a comparison differ, in words
 * @param text a row of a table, with the heads if it is the first
 */
record GroupMessage(RunGroup group, Map<String, String> differences, String text)
    implements Message {

  private static final String BETWEEN = "  ";

  /** One for each group, in order. */
  static List<Message> of(Comparison comparison) {
    List<String> lines = lines(ComparisonTable.of(comparison));
    Map<String, List<String>> differences = comparison.differences();
    List<Message> messages = new ArrayList<>();
    for (int i = 0; i < comparison.groups().size(); i++) {
      int row = i;
      Map<String, String> own = new LinkedHashMap<>();
      differences.forEach((name, values) -> own.put(name, values.get(row)));
      String heads = i == 0 ? lines.getFirst() + System.lineSeparator() : "";
      messages.add(new GroupMessage(comparison.groups().get(i), own, heads + lines.get(i + 1)));
    }
    return messages;
  }

  private static List<String> lines(ComparisonTable table) {
    List<List<String>> rows = new ArrayList<>(List.of(table.heads()));
    rows.addAll(table.rows());
    List<List<String>> shown =
        rows.stream().map(row -> row.stream().map(TerminalText::shown).toList()).toList();
    int[] widths = new int[table.heads().size()];
    for (List<String> row : shown) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], length(row.get(i)));
      }
    }
    return shown.stream().map(row -> line(row, widths)).toList();
  }

  private static String line(List<String> row, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      line.append(row.get(i)).append(" ".repeat(widths[i] - length(row.get(i)))).append(BETWEEN);
    }
    return line.toString().stripTrailing();
  }

  private static int length(String text) {
    return text.codePointCount(0, text.length());
  }

  @Override
  public String type() {
    return "group";
  }

  @Override
  public void write(JsonGenerator json) throws IOException {
    json.writeStringField("name", group.name());
    json.writeArrayFieldStart("runs");
    for (Path folder : group.folders()) {
      json.writeString(folder.toString());
    }
    json.writeEndArray();
    json.writeArrayFieldStart("seeds");
    for (long seed : group.seeds()) {
      json.writeNumber(seed);
    }
    json.writeEndArray();
    json.writeObjectFieldStart("settings");
    for (Map.Entry<String, String> each : differences.entrySet()) {
      json.writeStringField(each.getKey(), each.getValue());
    }
    json.writeEndObject();
    if (group.settings().step().isOpen()) {
      json.writeNullField("steps");
    } else {
      json.writeNumberField("steps", group.settings().step().steps());
    }
    json.writeNumberField("completed_steps", group.completedSteps());
    json.writeNumberField("finished", group.finished());
    json.writeNumberField("n", group.finalLoss().n());
    write(json, "last_val_loss", group.finalLoss());
    write(json, "best_val_loss", group.bestLoss());
    write(json, "bits_per_byte", group.finalBitsPerByte());
    write(json, "seconds", group.seconds());
  }

  private static void write(JsonGenerator json, String name, Statistic statistic)
      throws IOException {
    Message.number(json, name, statistic.mean());
    Message.number(json, name + "_deviation", statistic.deviation());
  }
}
