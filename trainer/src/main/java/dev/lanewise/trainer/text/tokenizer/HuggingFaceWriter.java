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
      List<AddedToken> addedTokens,
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

  private static void writeField(JsonGenerator json, String name, JsonText.Fields fields)
      throws IOException {
    json.writeObjectFieldStart(name);
    fields.write(json);
    json.writeEndObject();
  }

  private static void writeAddedToken(JsonGenerator json, AddedToken token) throws IOException {
    json.writeStartObject();
    json.writeNumberField("id", token.id());
    json.writeStringField("content", token.name());
    json.writeBooleanField("single_word", token.singleWord());
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
