package dev.lanewise.trainer.reliability;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What a run left behind, without what the clock had a part in. */
record RunResult(Path run) {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> OF_THE_CLOCK =
      List.of("ms", "tokens_per_s", "gflops", "peak_fraction", "heap_bytes", "resident_bytes");

  /** The lines of metrics.jsonl; a last one without its line feed is not there yet. */
  List<String> metrics() throws IOException {
    Path file = run.resolve("metrics.jsonl");
    if (!Files.exists(file)) {
      return List.of();
    }
    String all = Files.readString(file);
    List<String> lines = new ArrayList<>();
    for (String line : all.substring(0, all.lastIndexOf('\n') + 1).lines().toList()) {
      ObjectNode fields = (ObjectNode) JSON.readTree(line);
      lines.add(fields.remove(OF_THE_CLOCK).toString());
    }
    return lines;
  }

  /** How many lines metrics.jsonl has; cheap, to be asked again and again. */
  int lines() throws IOException {
    Path file = run.resolve("metrics.jsonl");
    int lines = 0;
    if (Files.exists(file)) {
      for (byte b : Files.readAllBytes(file)) {
        lines += b == '\n' ? 1 : 0;
      }
    }
    return lines;
  }

  /** The state in the newest checkpoint. */
  JsonNode newestState() throws IOException {
    return JSON.readTree(newest().resolve("trainer.json").toFile());
  }

  Path newest() throws IOException {
    return checkpoints().getLast();
  }

  List<Path> checkpoints() throws IOException {
    try (Stream<Path> entries = Files.list(run.resolve("checkpoints"))) {
      return entries.sorted().toList();
    }
  }

  /** Names and SHA-256 of the files that hold numbers, of every checkpoint. */
  SequencedMap<String, String> weights() throws IOException {
    SequencedMap<String, String> found = new TreeMap<>();
    for (Path checkpoint : checkpoints()) {
      boolean adapter = Files.exists(checkpoint.resolve("adapter_config.json"));
      String weights = adapter ? "adapter_model.safetensors" : "model.safetensors";
      for (String name : List.of(weights, "optimizer.state")) {
        found.put(checkpoint.getFileName() + "/" + name, sha256(checkpoint.resolve(name)));
      }
    }
    return found;
  }

  private static String sha256(Path file) throws IOException {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
      return HexFormat.of().formatHex(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
