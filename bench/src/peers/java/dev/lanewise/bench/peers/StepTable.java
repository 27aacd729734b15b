package dev.lanewise.bench.peers;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Lanewise's step beside PyTorch's, preset by preset. PyTorch is taken in the build that is fastest
 * on that preset; with products in bfloat16, which are other numbers, it has a column of its own. A
 * ratio is one of two neighbouring runs of one round.
 */
record StepTable(List<Row> rows) {

  static final String LANEWISE = "lanewise";

  /**
   * One preset.
   *
   * @param lanewise milliseconds per step
   * @param peer milliseconds per step of the faster PyTorch
   * @param peerName which that was
   * @param ratio how many times faster Lanewise is
   * @param bfloat16 milliseconds per step of PyTorch in bfloat16, or null if it was not measured
   */
  record Row(
      String preset,
      int threads,
      int rounds,
      Spread lanewise,
      Spread peer,
      String peerName,
      Spread ratio,
      double lanewisePeakFraction,
      double peerPeakFraction,
      double lanewiseMegabytes,
      double peerMegabytes,
      Spread bfloat16) {}

  static StepTable of(List<StepResult> results) {
    Map<String, List<StepResult>> byPreset = new TreeMap<>();
    for (StepResult result : results) {
      byPreset.computeIfAbsent(result.preset(), preset -> new ArrayList<>()).add(result);
    }
    List<Row> rows = new ArrayList<>();
    byPreset.forEach((preset, ofPreset) -> rows.add(row(preset, ofPreset)));
    rows.sort((a, b) -> Double.compare(a.lanewise().median(), b.lanewise().median()));
    return new StepTable(rows);
  }

  private static Row row(String preset, List<StepResult> results) {
    Map<String, List<StepResult>> byContender =
        results.stream()
            .collect(
                Collectors.groupingBy(StepResult::contender, TreeMap::new, Collectors.toList()));
    List<StepResult> lanewise = byContender.remove(LANEWISE);
    List<StepResult> bfloat16 = byContender.remove(TorchBuild.BFLOAT16.id());
    if (lanewise == null || byContender.isEmpty()) {
      throw new IllegalArgumentException(preset + " was not measured on both sides");
    }
    List<StepResult> peer = null;
    for (List<StepResult> candidate : byContender.values()) {
      if (peer == null || milliseconds(candidate).median() < milliseconds(peer).median()) {
        peer = candidate;
      }
    }
    Map<Integer, Double> ofRound =
        lanewise.stream()
            .collect(Collectors.toMap(StepResult::round, StepResult::millisecondsPerStep));
    Spread ratio =
        Spread.of(peer.stream().mapToDouble(r -> r.millisecondsPerStep() / ofRound.get(r.round())));
    return new Row(
        preset,
        lanewise.getFirst().threads(),
        lanewise.size(),
        milliseconds(lanewise),
        milliseconds(peer),
        peer.getFirst().contender(),
        ratio,
        Spread.of(lanewise.stream().mapToDouble(StepResult::peakFraction)).median(),
        Spread.of(peer.stream().mapToDouble(StepResult::peakFraction)).median(),
        Spread.of(lanewise.stream().mapToDouble(StepResult::peakMegabytes)).median(),
        Spread.of(peer.stream().mapToDouble(StepResult::peakMegabytes)).median(),
        bfloat16 == null ? null : milliseconds(bfloat16));
  }

  private static Spread milliseconds(List<StepResult> results) {
    return Spread.of(results.stream().mapToDouble(StepResult::millisecondsPerStep));
  }

  /** Returns the table in Markdown. */
  String toMarkdown() {
    StringBuilder text = new StringBuilder();
    text.append(
        """
        | preset | threads | Lanewise ms/step | PyTorch ms/step | build | times faster (least to \
        greatest) | of the peak | PyTorch's | memory MB | PyTorch's | PyTorch bf16 ms/step |
        |---|--:|--:|--:|---|--:|--:|--:|--:|--:|--:|
        """);
    for (Row row : rows) {
      text.append(
          String.format(
              Locale.ROOT,
              "| %s | %d | %.1f | %.1f | %s | **%.2f** (%.2f to %.2f) | %.0f %% | %.0f %% | %.0f |"
                  + " %.0f | %s |%n",
              row.preset(),
              row.threads(),
              row.lanewise().median(),
              row.peer().median(),
              row.peerName(),
              row.ratio().median(),
              row.ratio().least(),
              row.ratio().greatest(),
              row.lanewisePeakFraction() * 100,
              row.peerPeakFraction() * 100,
              row.lanewiseMegabytes(),
              row.peerMegabytes(),
              row.bfloat16() == null
                  ? "not measured"
                  : String.format(Locale.ROOT, "%.1f", row.bfloat16().median())));
    }
    return text.toString();
  }
}
