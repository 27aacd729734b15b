package dev.lanewise.trainer.text.tokenizer;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.lanewise.model.io.JsonText;
import dev.lanewise.trainer.files.DurableFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** The parts of a tokenizer's Hugging Face files that all kinds of tokenizer share. */
public final class HuggingFaceWriter {

  private HuggingFaceWriter() {}

  /** A file with one JSON object. */
  public static void writeObject(Path file, JsonText.Fields fields) throws IOException {
    DurableFiles.replace(file, JsonText.compact(fields));
  }

  public static void writeTokenizer(
      Path folder,
      int firstSpecialId,
      List<String> specialTokens,
      JsonText.Fields preTokenizer,
      JsonText.Fields decoder,
      JsonText.Fields model)
      throws IOException {
    writeObject(
        folder.resolve(TokenizerJson.FILE),
        json -> {
          json.writeStringField("version", "1.0");
          json.writeNullField("truncation");
          json.writeNullField("padding");
          json.writeArrayFieldStart("added_tokens");
          for (int i = 0; i < specialTokens.size(); i++) {
            writeSpecialToken(json, firstSpecialId + i, specialTokens.get(i));
          }
          json.writeEndArray();
          json.writeNullField("normalizer");
          writeField(json, "pre_tokenizer", preTokenizer);
          json.writeNullField("post_processor");
          writeField(json, "decoder", decoder);
          writeField(json, "model", model);
        });
  }

  private static void writeField(JsonGenerator json, String name, JsonText.Fields fields)
      throws IOException {
    json.writeObjectFieldStart(name);
    fields.write(json);
    json.writeEndObject();
  }

  private static void writeSpecialToken(JsonGenerator json, int id, String content)
      throws IOException {
    json.writeStartObject();
    json.writeNumberField("id", id);
    json.writeStringField("content", content);
    for (String flag : List.of("single_word", "lstrip", "rstrip", "normalized")) {
      json.writeBooleanField(flag, false);
    }
    json.writeBooleanField("special", true);
    json.writeEndObject();
  }

  /**
   * The class that reads {@code tokenizer.json} as it stands; GPT-2's own would add special tokens
   * to any vocabulary.
   */
  public static void writeConfig(Path folder, List<String> specialTokens) throws IOException {
    writeObject(
        folder.resolve("tokenizer_config.json"),
        json -> {
          json.writeStringField("tokenizer_class", "PreTrainedTokenizerFast");
          json.writeBooleanField("clean_up_tokenization_spaces", false);
          if (!specialTokens.isEmpty()) {
            for (String role : List.of("bos_token", "eos_token", "unk_token")) {
              json.writeStringField(role, specialTokens.getFirst());
            }
          }
        });
  }
}
