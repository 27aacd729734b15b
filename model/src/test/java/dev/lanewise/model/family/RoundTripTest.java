package dev.lanewise.model.family;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.kernels.scalar.ScalarKernels;
import dev.lanewise.model.Transformer;
import dev.lanewise.model.io.Encoding;
import dev.lanewise.model.io.SafetensorsWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Folders that were read and written again: the same bytes in every tensor. */
class RoundTripTest {

  @TempDir private Path folder;

  private SafetensorsWriter read(Path source, Encoding encoding) throws IOException {
    ModelDescription model = ModelFolder.readConfig(source);
    Transformer transformer = new Transformer(model.config(), ScalarKernels.create(), 1);
    ParameterStore weights = ModelFolder.readWeights(source, model, transformer);
    return ModelFolder.weights(model, weights, encoding);
  }

  /** The bytes of each tensor, with type and shape, read without the classes that are tested. */
  private static Map<String, String> tensors(Path file) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    int length = (int) bytes.getLong();
    String header = new String(bytes.array(), Long.BYTES, length, StandardCharsets.UTF_8);
    Map<String, String> tensors = new TreeMap<>();
    for (Map.Entry<String, JsonNode> entry : new ObjectMapper().readTree(header).properties()) {
      if (entry.getKey().equals("__metadata__")) {
        continue;
      }
      JsonNode offsets = entry.getValue().get("data_offsets");
      byte[] data =
          Arrays.copyOfRange(
              bytes.array(),
              Long.BYTES + length + offsets.get(0).asInt(),
              Long.BYTES + length + offsets.get(1).asInt());
      tensors.put(
          entry.getKey(),
          entry.getValue().get("dtype")
              + " "
              + entry.getValue().get("shape")
              + Arrays.toString(data));
    }
    return tensors;
  }

  @ParameterizedTest
  @CsvSource({
    "gpt2, hf, F32",
    "llama-smollm2, hf, F32",
    "llama3, hf, F32",
    "mistral, hf, F32",
    "qwen2, hf, F32",
    "qwen3, hf, F32",
    "gpt-neox, hf, F32",
    "llama-smollm2, hf-bf16, BF16",
    "llama-smollm2, hf-f16, F16"
  })
  void tensorsHaveTheSameBytes(String model, String form, Encoding encoding) throws IOException {
    Path source = ModelFolders.huggingFace(model).resolve(form);
    ModelFolder.write(read(source, encoding), folder, Long.MAX_VALUE, n -> {});
    assertThat(tensors(folder.resolve(ModelFolder.WEIGHTS)))
        .isEqualTo(tensors(source.resolve(ModelFolder.WEIGHTS)));
  }

  @ParameterizedTest
  @CsvSource({"llama-smollm2, 60000", "llama3, 1", "gpt2, 200000"})
  void shardsHoldAllTensors(String model, long mostBytes) throws IOException {
    Path source = ModelFolders.huggingFace(model).resolve("hf");
    long[] written = new long[1];
    SafetensorsWriter writer = read(source, Encoding.F32);
    ModelFolder.write(writer, folder, mostBytes, n -> written[0] += n);
    assertThat(written[0]).isEqualTo(writer.tensorBytes());
    assertThat(folder.resolve(ModelFolder.WEIGHTS)).doesNotExist();
    JsonNode index = new ObjectMapper().readTree(folder.resolve(ModelFolder.INDEX).toFile());
    assertThat(index.get("metadata").get("total_size").asLong()).isEqualTo(writer.tensorBytes());
    Map<String, String> all = new TreeMap<>();
    for (String shard :
        new TreeSet<>(index.get("weight_map").valueStream().map(JsonNode::asText).toList())) {
      assertThat(shard).matches("model-\\d{5}-of-\\d{5}\\.safetensors");
      Map<String, String> tensors = tensors(folder.resolve(shard));
      tensors
          .keySet()
          .forEach(name -> assertThat(index.get("weight_map").get(name).asText()).isEqualTo(shard));
      long bytes = Files.size(folder.resolve(shard));
      assertThat(tensors.size() == 1 || bytes < mostBytes + 20_000).isTrue();
      all.putAll(tensors);
    }
    assertThat(all).isEqualTo(tensors(source.resolve(ModelFolder.WEIGHTS)));
  }

  @Test
  void shardsAreReadAgain() throws IOException {
    Path source = ModelFolders.huggingFace("qwen2").resolve("hf");
    ModelFolder.write(read(source, Encoding.BF16), folder, 50_000, n -> {});
    Files.copy(source.resolve("config.json"), folder.resolve("config.json"));
    Path again = Files.createDirectory(folder.resolve("again"));
    ModelFolder.write(read(folder, Encoding.BF16), again, Long.MAX_VALUE, n -> {});
    Path once = Files.createDirectory(folder.resolve("once"));
    ModelFolder.write(read(source, Encoding.BF16), once, Long.MAX_VALUE, n -> {});
    assertThat(again.resolve(ModelFolder.WEIGHTS))
        .hasSameBinaryContentAs(once.resolve(ModelFolder.WEIGHTS));
  }
}
