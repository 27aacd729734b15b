package dev.lanewise.trainer.export;

import dev.lanewise.model.io.ConfigFields;
import dev.lanewise.model.io.InvalidFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * Which tokens a post-processor puts around a text.
 *
 * @param begin the name of the token before, or null
 * @param end the name of the token behind, or null
 */
record AddedAround(String begin, String end) {

  private static final String FIELD = "post_processor";

  /**
   * Reads what {@code tokenizer.json} says.
   *
   * @throws InvalidFileException if it does something else
   */
  static AddedAround of(ConfigFields tokenizer) throws InvalidFileException {
    ConfigFields processor = tokenizer.object(FIELD);
    List<String> around = new ArrayList<>(List.of(""));
    if (processor != null) {
      add(tokenizer, processor, around);
    }
    int text = around.indexOf("");
    if (text > 1 || around.size() - text > 2) {
      throw tokenizer.problem(
          FIELD, "adds more than a token before the text and one behind, which llama.cpp cannot");
    }
    return new AddedAround(
        text == 0 ? null : around.get(0), text == around.size() - 1 ? null : around.get(text + 1));
  }

  private static void add(ConfigFields tokenizer, ConfigFields processor, List<String> around)
      throws InvalidFileException {
    switch (processor.string("type", "")) {
      case "ByteLevel" -> {
        // Changes where tokens are said to be, not which.
      }
      case "Sequence" -> {
        for (Object inner : processor.list("processors")) {
          if (inner instanceof ConfigFields fields) {
            add(tokenizer, fields, around);
          }
        }
      }
      case "TemplateProcessing" -> addTemplate(processor, around);
      default ->
          throw tokenizer.problem(
              FIELD,
              "%s cannot be written as GGUF"
                  .formatted(InvalidFileException.quote(processor.string("type", ""))));
    }
  }

  private static void addTemplate(ConfigFields template, List<String> around)
      throws InvalidFileException {
    List<String> inside = List.copyOf(around);
    around.clear();
    for (Object part : template.list("single")) {
      if (!(part instanceof ConfigFields fields)) {
        throw template.problem("single", "expected objects");
      }
      ConfigFields token = fields.object("SpecialToken");
      if (token == null) {
        around.addAll(inside);
      } else {
        around.add(token.string("id", ""));
      }
    }
    if (!around.contains("")) {
      throw template.problem("single", "leaves out the text");
    }
  }

  /** Requires that the tokens are those that llama.cpp would add. */
  void require(ConfigFields tokenizer, Map<String, Integer> added, OptionalInt bos, OptionalInt eos)
      throws InvalidFileException {
    require(tokenizer, begin, added, bos, "bos");
    require(tokenizer, end, added, eos, "eos");
  }

  private static void require(
      ConfigFields tokenizer,
      String name,
      Map<String, Integer> added,
      OptionalInt expected,
      String role)
      throws InvalidFileException {
    Integer id = name == null ? null : added.get(name);
    if (name != null && (id == null || expected.isEmpty() || expected.getAsInt() != id)) {
      throw tokenizer.problem(
          FIELD,
          "adds %s, which is not the %s_token, so llama.cpp would add another"
              .formatted(InvalidFileException.quote(name), role));
    }
  }
}
