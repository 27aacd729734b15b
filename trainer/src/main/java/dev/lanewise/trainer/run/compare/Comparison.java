package dev.lanewise.trainer.run.compare;

import dev.lanewise.trainer.run.RunFolder;
import dev.lanewise.trainer.settings.ConfigKey;
import dev.lanewise.trainer.text.CorpusLabel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Several runs beside each other.
 *
 * @param groups in the order in which their first runs were named
 * @param inBits whether losses are comparable in bits per byte only
 * @param notes on what keeps the figures from being compared, in sentences
 */
public record Comparison(List<RunGroup> groups, boolean inBits, List<String> notes) {

  /**
   * Reads runs. Those that differ in nothing but the seed are put together, so of two with the same
   * settings and the same seed, which another version of the program may have made, the second
   * begins another group.
   *
   * @param folders one named twice is taken once
   * @param warnings told of what is damaged and can be done without
   * @throws IOException if a folder is not a run; the message names it
   */
  public static Comparison of(List<Path> folders, Consumer<String> warnings) throws IOException {
    List<ComparedRun> runs = new ArrayList<>();
    Set<Path> seen = new HashSet<>();
    for (Path folder : folders) {
      ComparedRun run = ComparedRun.read(new RunFolder(folder), warnings);
      if (seen.add(folder.toRealPath())) {
        runs.add(run);
      } else {
        warnings.accept(folder + " was named twice and is taken once");
      }
    }
    List<List<ComparedRun>> members = group(runs);
    List<String> names = GroupNames.of(members);
    TokenSizes sizes = new TokenSizes(warnings);
    List<RunGroup> groups = new ArrayList<>();
    for (int i = 0; i < members.size(); i++) {
      groups.add(new RunGroup(names.get(i), members.get(i), sizes.bytesPerToken(members.get(i))));
    }
    boolean otherTokens = values(runs, CorpusLabel::tokenizer).size() > 1;
    boolean known = groups.stream().allMatch(group -> Double.isFinite(group.bytesPerToken()));
    return new Comparison(groups, otherTokens && known, notes(runs, otherTokens, known));
  }

  private static List<List<ComparedRun>> group(List<ComparedRun> runs) {
    Map<List<Object>, List<List<ComparedRun>>> alike = new HashMap<>();
    List<List<ComparedRun>> groups = new ArrayList<>();
    for (ComparedRun run : runs) {
      List<List<ComparedRun>> candidates =
          alike.computeIfAbsent(run.withoutSeed(), key -> new ArrayList<>());
      List<ComparedRun> group =
          candidates.stream()
              .filter(some -> some.stream().noneMatch(other -> other.seed() == run.seed()))
              .findFirst()
              .orElse(null);
      if (group == null) {
        group = new ArrayList<>();
        candidates.add(group);
        groups.add(group);
      }
      group.add(run);
    }
    return groups;
  }

  private static Set<String> values(List<ComparedRun> runs, Function<CorpusLabel, String> value) {
    Set<String> values = new HashSet<>();
    runs.forEach(run -> run.corpus().map(value).ifPresent(values::add));
    return values;
  }

  private static List<String> notes(List<ComparedRun> runs, boolean otherTokens, boolean known) {
    List<String> notes = new ArrayList<>();
    if (otherTokens) {
      notes.add(
          known
              ? "The runs have different tokenizers, so their losses per token cannot be compared. Charts are in bits per byte of the validation text."
              : "The runs have different tokenizers, so their losses per token cannot be compared, and bits per byte are not known for all of them: the corpus of some run is gone or damaged.");
    }
    boolean otherText = values(runs, CorpusLabel::text).size() > 1;
    if (otherText) {
      notes.add("The runs have different texts, and so are validated on different ones.");
    } else if (!otherTokens && values(runs, CorpusLabel::validation).size() > 1) {
      notes.add(
          "The runs keep different parts of the text for validation, as --split and the seed say. What one part is harder than another is in the spread.");
    }
    if (runs.stream().mapToDouble(ComparedRun::lossTemperature).distinct().count() > 1) {
      notes.add(
          "The runs have training losses of different temperatures (loss_temperature), which cannot be compared. Validation losses can.");
    }
    boolean parts = runs.stream().anyMatch(ComparedRun::evaluatesAPart);
    if (parts && runs.stream().mapToLong(ComparedRun::seed).distinct().count() > 1) {
      notes.add(
          "Evaluations read a part of the validation text, drawn by the seed (--evaluate-tokens). With 0 they are exact.");
    }
    return notes;
  }

  /** Returns the settings in which groups differ, and their values in words by group. */
  public Map<String, List<String>> differences() {
    Map<String, List<String>> differing = new LinkedHashMap<>();
    List<String> texts = groups.stream().map(group -> group.runs().getFirst().text()).toList();
    if (texts.stream().distinct().count() > 1) {
      differing.put("text", texts);
    }
    Stream<ConfigKey> keys = Arrays.stream(ConfigKey.values());
    keys.filter(key -> key != ConfigKey.SEED)
        .forEach(
            key -> {
              List<String> shown = groups.stream().map(group -> Cell.of(key, group)).toList();
              if (shown.stream().distinct().count() > 1) {
                differing.put(key.key(), shown);
              }
            });
    return differing;
  }
}
