package dev.lanewise.trainer.export;

import dev.lanewise.trainer.text.tokenizer.bytepair.BytePairTrainer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Tiny models as Hugging Face's library writes them, with their tokenizers. */
public final class Fixtures {

  /** Their names. */
  public static final List<String> MODELS =
      List.of("gpt2", "llama-smollm2", "llama3", "mistral", "qwen2", "qwen3");

  private static final Path FAMILIES =
      Path.of("..", "model", "src", "test", "resources", "dev", "lanewise", "model", "family");

  private Fixtures() {}

  /** Copies a model into a folder that is new, and returns it. */
  public static Path copy(String model, Path to) throws IOException {
    Files.createDirectories(to);
    copyFiles(FAMILIES.resolve(model).resolve("hf"), to);
    copyFiles(resources(model), to);
    Files.delete(to.resolve("encode.jsonl"));
    return to;
  }

  /** Copies a pretrained model, of which only ids are known, and gives it a tokenizer of a text. */
  public static Path copyStories(byte[] text, Path to) throws IOException {
    Files.createDirectories(to);
    for (String file : List.of("config.json", "model.safetensors")) {
      Files.copy(resources("stories260K").resolve(file), to.resolve(file));
    }
    BytePairTrainer trainer = new BytePairTrainer();
    trainer.write(text, 0, text.length);
    trainer.train(512).save(to);
    return to;
  }

  private static void copyFiles(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    }
  }

  /** Returns what llama.cpp's converter makes of a model. */
  static Path gguf(String model) {
    return FAMILIES.resolve(model).resolve("gguf.json");
  }

  /** Returns what transformers computes with a model. */
  static Path golden(String model) {
    return FAMILIES.resolve(model).resolve("golden").resolve("golden.json");
  }

  /** Returns the folder with the tokenizer of a model, and what is known of it. */
  static Path resources(String model) {
    try {
      return Path.of(Fixtures.class.getResource("/export/" + model).toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  /** Replaces a part of a file's text, which has to be there. */
  public static void edit(Path file, String from, String to) {
    try {
      String text = Files.readString(file);
      if (!text.contains(from)) {
        throw new AssertionError(file + " does not have " + from);
      }
      Files.writeString(file, text.replace(from, to));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
