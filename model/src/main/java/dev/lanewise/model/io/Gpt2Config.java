package dev.lanewise.model.io;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import dev.lanewise.model.GptConfig;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;

/**
 * The {@code config.json} of Hugging Face's GPT-2. Fields that do not change what the model
 * computes are skipped; those that would change it into one that we do not have are refused.
 *
 * <p>A missing field has the value that Hugging Face gives it. The dropout rate is that of {@code
 * resid_pdrop}; rates matter in training only, where the user may set another.
 */
final class Gpt2Config {

  private static final int MOST_BYTES = 1 << 20;

  private static final int MOST_POSITIONS = 1 << 24;
  private static final int MOST_WIDTH = 1 << 20;
  private static final int MOST_HIDDEN = 1 << 24;
  private static final int MOST_LAYERS = 1 << 13;

  /** What one array of weights holds; see ParameterLayout. */
  private static final long MOST_PARAMETERS = Integer.MAX_VALUE - 8;

  private static final double EPSILON = 1e-5;
  private static final String BIASES = "lanewise_biases";

  private final Path file;
  private final Map<String, Object> fields = new HashMap<>();

  private Gpt2Config(Path file) {
    this.file = file;
  }

  static GptConfig read(Path file) throws IOException {
    SafetensorsFile.requireRegularFile(file);
    byte[] bytes;
    try (InputStream in = Files.newInputStream(file)) {
      bytes = in.readNBytes(MOST_BYTES + 1);
    }
    if (bytes.length > MOST_BYTES) {
      throw new InvalidFileException(file, "", "has more than " + MOST_BYTES + " bytes");
    }
    Gpt2Config config = new Gpt2Config(file);
    config.readFields(bytes);
    return config.toGptConfig();
  }

  private void readFields(byte[] bytes) throws IOException {
    try (StrictJson json = new StrictJson(file, new ByteArrayInputStream(bytes))) {
      json.expectObject("");
      for (String name = json.nextName(""); name != null; name = json.nextName("")) {
        JsonToken token = json.next(name);
        if (token.isStructStart()) {
          json.guarded(name, json.parser()::skipChildren);
        } else {
          fields.put(name, scalar(json, name, token));
        }
      }
      json.expectEnd();
    }
  }

  private static Object scalar(StrictJson json, String name, JsonToken token) throws IOException {
    return json.guarded(
        name,
        () ->
            switch (token) {
              case VALUE_STRING -> json.parser().getText();
              case VALUE_TRUE, VALUE_FALSE -> token == JsonToken.VALUE_TRUE;
              case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> json.parser().getDoubleValue();
              default -> null;
            });
  }

  private GptConfig toGptConfig() throws InvalidFileException {
    require("model_type", "gpt2");
    String activation = get("activation_function", String.class, "gelu_new");
    // The second name is that of the same function in newer models.
    if (!activation.equals("gelu_new") && !activation.equals("gelu_pytorch_tanh")) {
      throw problem(
          "activation_function",
          "%s is not supported, only gelu_new (the tanh form of GELU)"
              .formatted(InvalidFileException.quote(activation)));
    }
    double epsilon = get("layer_norm_epsilon", Double.class, EPSILON);
    if ((float) epsilon != (float) EPSILON) {
      throw problem("layer_norm_epsilon", epsilon + " is not supported, only " + EPSILON);
    }
    require("scale_attn_weights", true);
    require("scale_attn_by_inverse_layer_idx", false);
    require("add_cross_attention", false);
    int width = size("n_embd", 768, MOST_WIDTH);
    int heads = size("n_head", 12, MOST_WIDTH);
    if (width % heads != 0) {
      throw problem("n_head", heads + " heads do not divide n_embd " + width);
    }
    GptConfig config =
        new GptConfig(
            size("vocab_size", 50257, Integer.MAX_VALUE),
            size("n_positions", 1024, MOST_POSITIONS),
            width,
            heads,
            size("n_layer", 12, MOST_LAYERS),
            size("n_inner", 4 * width, MOST_HIDDEN),
            get(BIASES, Boolean.class, true),
            get("tie_word_embeddings", Boolean.class, true),
            dropout());
    requireCountable(config);
    return config;
  }

  private float dropout() throws InvalidFileException {
    double rate = get("resid_pdrop", Double.class, 0.1);
    if (!(rate >= 0 && (float) rate < 1)) {
      throw problem("resid_pdrop", rate + " is not in [0, 1)");
    }
    return (float) rate;
  }

  /** Comes before memory is asked for. */
  private void requireCountable(GptConfig config) throws InvalidFileException {
    long width = config.width();
    long tables = (long) config.vocabularySize() * (config.tiedHead() ? 1 : 2);
    long layer = 4 * width * width + 2 * width * config.feedForwardWidth();
    long parameters = (tables + config.contextLength()) * width + config.layers() * layer;
    if (parameters > MOST_PARAMETERS) {
      throw problem(
          "n_embd",
          "with the other sizes makes %d parameters, more than %d"
              .formatted(parameters, MOST_PARAMETERS));
    }
  }

  private int size(String name, int standard, int most) throws InvalidFileException {
    double value = get(name, Double.class, (double) standard);
    if (value != Math.rint(value) || value < 1 || value > most) {
      throw problem(name, value + " is not an integer from 1 to " + most);
    }
    return (int) value;
  }

  private void require(String name, Object only) throws InvalidFileException {
    Object value = get(name, only.getClass(), only);
    if (!value.equals(only)) {
      String found = InvalidFileException.quote(value.toString());
      throw problem(name, found + " is not supported, only " + only);
    }
  }

  /** The value of a field; the standard one if it is missing or null. */
  private <T> T get(String name, Class<? extends T> type, T standard) throws InvalidFileException {
    Object value = fields.get(name);
    if (value == null) {
      return standard;
    }
    if (!type.isInstance(value)) {
      throw problem(
          name,
          "expected %s, found %s"
              .formatted(kind(type), InvalidFileException.quote(value.toString())));
    }
    return type.cast(value);
  }

  private static String kind(Class<?> type) {
    return type == Double.class ? "a number" : type == Boolean.class ? "true or false" : "a string";
  }

  private InvalidFileException problem(String field, String problem) {
    return new InvalidFileException(file, field, problem);
  }

  /** The file's text, in UTF-8. */
  static byte[] write(GptConfig config, OptionalInt endOfText) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DefaultIndenter indenter = new DefaultIndenter("  ", "\n");
    DefaultPrettyPrinter printer =
        new DefaultPrettyPrinter().withObjectIndenter(indenter).withArrayIndenter(indenter);
    try (JsonGenerator json = StrictJson.FACTORY.createGenerator(bytes)) {
      json.setPrettyPrinter(printer);
      write(json, config, endOfText);
    } catch (IOException e) {
      throw new AssertionError("an array in memory does not fail", e);
    }
    bytes.write('\n');
    return bytes.toByteArray();
  }

  private static void write(JsonGenerator json, GptConfig config, OptionalInt endOfText)
      throws IOException {
    json.writeStartObject();
    json.writeStringField("model_type", "gpt2");
    json.writeArrayFieldStart("architectures");
    json.writeString("GPT2LMHeadModel");
    json.writeEndArray();
    json.writeNumberField("vocab_size", config.vocabularySize());
    json.writeNumberField("n_positions", config.contextLength());
    json.writeNumberField("n_ctx", config.contextLength());
    json.writeNumberField("n_embd", config.width());
    json.writeNumberField("n_layer", config.layers());
    json.writeNumberField("n_head", config.heads());
    json.writeNumberField("n_inner", config.feedForwardWidth());
    json.writeStringField("activation_function", "gelu_new");
    json.writeNumberField("resid_pdrop", config.dropout());
    json.writeNumberField("embd_pdrop", config.dropout());
    json.writeNumberField("attn_pdrop", 0.0);
    json.writeNumberField("layer_norm_epsilon", EPSILON);
    json.writeNumberField("initializer_range", 0.02);
    json.writeBooleanField("scale_attn_weights", true);
    json.writeBooleanField("tie_word_embeddings", config.tiedHead());
    for (String name : new String[] {"bos_token_id", "eos_token_id"}) {
      json.writeFieldName(name);
      if (endOfText.isPresent()) {
        json.writeNumber(endOfText.getAsInt());
      } else {
        json.writeNull();
      }
    }
    json.writeStringField("torch_dtype", "float32");
    json.writeBooleanField(BIASES, config.biases());
    json.writeEndObject();
  }
}
