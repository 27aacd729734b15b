package dev.lanewise.bench.peers;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** GFLOP/s of each product and variant, from JMH's JSON: the median of the forks' means. */
record MatmulTable(List<Row> rows) {

  static final List<String> LANEWISE = List.of("lanewise", "prepacked");
  private static final List<String> PEERS = List.of("openblas", "mkl");

  /**
   * One product on a number of threads.
   *
   * @param gigaflops of each variant
   */
  record Row(Product product, int threads, Map<String, Spread> gigaflops) {

    String name() {
      String form =
          switch (product.form()) {
            case XW -> "X W";
            case DYWT -> "dY Wᵀ";
            case XTDY -> "Xᵀ dY";
          };
      return "%s %d×%d×%d".formatted(form, product.rows(), product.in(), product.out());
    }

    /** The best of the native libraries. */
    double peer() {
      return PEERS.stream()
          .filter(gigaflops::containsKey)
          .mapToDouble(peer -> gigaflops.get(peer).median())
          .max()
          .orElseThrow(() -> new IllegalArgumentException(name() + ": no native library measured"));
    }

    double ratio(String variant) {
      return gigaflops.get(variant).median() / peer();
    }
  }

  static MatmulTable read(Path file) throws IOException {
    Map<String, Row> rows = new TreeMap<>();
    for (JsonNode result : new ObjectMapper().readTree(file.toFile())) {
      JsonNode parameters = result.get("params");
      String form = parameters.get("form").asText();
      String shape = parameters.get("shape").asText();
      int threads = parameters.get("threads").asInt();
      Product product = Product.parse(form, shape);
      rows.computeIfAbsent(
              threads + form + shape, key -> new Row(product, threads, new TreeMap<>()))
          .gigaflops()
          .put(parameters.get("variant").asText(), gigaflops(product, result));
    }
    List<Row> sorted = new ArrayList<>(rows.values());
    sorted.sort(
        Comparator.<Row>comparingInt(Row::threads)
            .thenComparingDouble(row -> row.product().flops())
            .thenComparing(row -> row.product().form()));
    return new MatmulTable(sorted);
  }

  private static Spread gigaflops(Product product, JsonNode result) {
    return Spread.of(
        stream(result.get("primaryMetric").get("rawData"))
            .mapToDouble(fork -> stream(fork).mapToDouble(JsonNode::asDouble).average().orElse(0))
            .map(microseconds -> product.flops() / microseconds / 1e3));
  }

  private static Stream<JsonNode> stream(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false);
  }

  /** Returns the numbers of threads that were measured. */
  List<Integer> threads() {
    return rows.stream().map(Row::threads).distinct().toList();
  }

  List<Row> rowsOf(int threads) {
    return rows.stream().filter(row -> row.threads() == threads).toList();
  }

  /** How many times faster than the best native library, over all products. */
  double geometricMean(int threads, String variant) {
    DoubleStream logs = rowsOf(threads).stream().mapToDouble(row -> Math.log(row.ratio(variant)));
    return Math.exp(logs.average().orElseThrow());
  }

  /** Returns the tables in Markdown. */
  String toMarkdown() {
    StringBuilder text = new StringBuilder();
    for (int threads : threads()) {
      text.append(threads == 1 ? "One thread" : threads + " threads");
      text.append(", GFLOP/s; geometric mean against the best of OpenBLAS and MKL:");
      for (String variant : LANEWISE) {
        text.append(
            String.format(Locale.ROOT, " %s **%.2f**", variant, geometricMean(threads, variant)));
      }
      text.append("\n\n| product | lanewise | prepacked | OpenBLAS | MKL | lanewise / best |\n");
      text.append("|---|--:|--:|--:|--:|--:|\n");
      for (Row row : rowsOf(threads)) {
        text.append(
            String.format(
                Locale.ROOT,
                "| %s | %s | %s | %s | %s | %.2f |%n",
                row.name(),
                cell(row, "lanewise"),
                cell(row, "prepacked"),
                cell(row, "openblas"),
                cell(row, "mkl"),
                row.ratio("lanewise")));
      }
      text.append('\n');
    }
    return text.toString();
  }

  private static String cell(Row row, String variant) {
    Spread spread = row.gigaflops().get(variant);
    return spread == null ? "-" : "%.0f".formatted(spread.median());
  }
}
