package dev.lanewise.trainer.text.tokenizer;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The parts of a tokenizer's Hugging Face files that all kinds of tokenizer share. */
public final class HuggingFaceWriter {

  private static final JsonFactory JSON = new JsonFactory();

  /** Writes the fields of an object that has been begun. */
  @FunctionalInterface
  public interface Fields {
    void write(JsonGenerator json) throws IOException;
  }

  private HuggingFaceWriter() {}

  /** Makes room for a file: a pipe in its place would wait for a reader. */
  public static Path fresh(Path file) throws IOException {
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      Files.delete(file);
    }
    return file;
  }

  /** A file with one JSON object. */
  public static void writeObject(Path file, Fields fields) throws IOException {
    try (JsonGenerator json =
        JSON.createGenerator(Files.newOutputStream(fresh(file)), JsonEncoding.UTF8)) {
      json.writeStartObject();
      fields.write(json);
      json.writeEndObject();
    }
  }

  public static void writeTokenizer(
      Path folder, List<AddedToken> addedTokens, Fields preTokenizer, Fields decoder, Fields model)
      throws IOException {
    writeObject(
        folder.resolve(TokenizerJson.FILE),
        json -> {
          json.writeStringField("version", "1.0");
          json.writeNullField("truncation");
          json.writeNullField("padding");
          json.writeArrayFieldStart("added_tokens");
          for (AddedToken token : addedTokens) {
            writeAddedToken(json, token);
          }
          json.writeEndArray();
          json.writeNullField("normalizer");
          writeField(json, "pre_tokenizer", preTokenizer);
          json.writeNullField("post_processor");
          writeField(json, "decoder", decoder);
          writeField(json, "model", model);
        });
  }

  private static void writeField(JsonGenerator json, String name, Fields fields)
      throws IOException {
    json.writeObjectFieldStart(name);
    fields.write(json);
    json.writeEndObject();
  }

  private static void writeAddedToken(JsonGenerator json, AddedToken token) throws IOException {
    json.writeStartObject();
    json.writeNumberField("id", token.id());
    json.writeStringField("content", token.name());
    json.writeBooleanField("single_word", false);
    json.writeBooleanField("lstrip", token.takesSpaceBefore());
    json.writeBooleanField("rstrip", token.takesSpaceAfter());
    json.writeBooleanField("normalized", false);
    json.writeBooleanField("special", token.special());
    json.writeEndObject();
  }

  /**
   * The class that reads {@code tokenizer.json} as it stands; GPT-2's own would add special tokens
   * to any vocabulary.
   *
   * @param endToken the name of the token that ends a document; null if there is none
   */
  public static void writeConfig(Path folder, String endToken) throws IOException {
    writeObject(
        folder.resolve(TokenizerJson.CONFIGURATION_FILE),
        json -> {
          json.writeStringField("tokenizer_class", "PreTrainedTokenizerFast");
          json.writeBooleanField("clean_up_tokenization_spaces", false);
          if (endToken != null) {
            for (String role : List.of("bos_token", "eos_token", "unk_token")) {
              json.writeStringField(role, endToken);
            }
          }
        });
  }
}
