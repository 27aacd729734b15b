package dev.lanewise.model.io;

import dev.lanewise.engine.tensor.Shape;
import dev.lanewise.kernels.Precision;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * The tensors of a model that lie in several safetensors files, of which an index says which tensor
 * is in which.
 */
public final class SafetensorsShards implements TensorReader {

  private final Path index;
  private final Map<String, SafetensorsFile> shards;
  private final Map<String, SafetensorsFile> byTensor;

  private SafetensorsShards(
      Path index, Map<String, SafetensorsFile> shards, Map<String, SafetensorsFile> byTensor) {
    this.index = index;
    this.shards = shards;
    this.byTensor = byTensor;
  }

  /**
   * Opens the files that an index names, each once.
   *
   * @throws InvalidFileException if one is missing or malformed, or index and files do not agree
   */
  public static SafetensorsShards open(Path index) throws IOException {
    ConfigFields map = ConfigFields.read(index).object("weight_map");
    if (map == null) {
      throw new InvalidFileException(index, "weight_map", "missing");
    }
    SafetensorsShards opened =
        new SafetensorsShards(index, new LinkedHashMap<>(), new LinkedHashMap<>());
    try {
      for (String tensor : map.names()) {
        opened.add(tensor, map.string(tensor, ""));
      }
      opened.requireNoMore();
    } catch (IOException | RuntimeException e) {
      try (opened) {
        throw e;
      }
    }
    return opened;
  }

  private void add(String tensor, String name) throws IOException {
    Path path = FileBeside.of(index, "weight_map." + tensor, name);
    SafetensorsFile shard = shards.get(name);
    if (shard == null) {
      if (!RegularFile.isThere(path)) {
        throw new InvalidFileException(
            path, "", "the file is missing, though %s names it".formatted(index.getFileName()));
      }
      shard = SafetensorsFile.open(path);
      shards.put(name, shard);
    }
    if (!shard.names().contains(tensor)) {
      throw new InvalidFileException(
          path, tensor, "missing, though %s says it is here".formatted(index.getFileName()));
    }
    byTensor.put(tensor, shard);
  }

  private void requireNoMore() throws InvalidFileException {
    for (SafetensorsFile shard : shards.values()) {
      for (String name : shard.names()) {
        if (byTensor.get(name) != shard) {
          throw new InvalidFileException(
              shard.fileOf(name), name, "%s does not name it".formatted(index.getFileName()));
        }
      }
    }
  }

  /** Returns the names of the files that hold the tensors. */
  public Set<String> files() {
    return Collections.unmodifiableSet(shards.keySet());
  }

  @Override
  public Set<String> names() {
    return Collections.unmodifiableSet(byTensor.keySet());
  }

  @Override
  public Path fileOf(String name) {
    SafetensorsFile shard = byTensor.get(name);
    return shard == null ? index : shard.fileOf(name);
  }

  @Override
  public boolean isNarrowed(String name) {
    return byTensor.get(name).isNarrowed(name);
  }

  @Override
  public Precision precision(String name) {
    return byTensor.get(name).precision(name);
  }

  @Override
  public void require(String name, Shape shape) throws InvalidFileException {
    SafetensorsFile shard = byTensor.get(name);
    if (shard == null) {
      throw new InvalidFileException(
          index, name, "expected a tensor of shape " + shape + ", found none of that name");
    }
    shard.require(name, shape);
  }

  @Override
  public void read(String name, Shape shape, int from, int count, float[] into, int offset)
      throws IOException {
    require(name, shape);
    byTensor.get(name).read(name, shape, from, count, into, offset);
  }

  @Override
  public void close() throws IOException {
    IOException failure = null;
    for (SafetensorsFile shard : shards.values()) {
      try {
        shard.close();
      } catch (IOException e) {
        failure = e;
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
