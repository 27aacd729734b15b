import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Copies a model of our own family with its logits divided by a number: {@code java
 * docs/learning/FlatterLogits.java RUN/checkpoints/step-002500 1.2 OUT}, and {@code ./lanewise eval
 * --model OUT} says whether the model is too sure of itself.
 */
class FlatterLogits {

  private static final Pattern HEAD =
      Pattern.compile("\"head\\.weight\":\\{[^}]*\"data_offsets\":\\[(\\d+),(\\d+)\\]");

  public static void main(String[] args) throws IOException {
    if (args.length != 3) {
      System.err.println("usage: java FlatterLogits.java CHECKPOINT NUMBER OUT");
      System.exit(2);
    }
    Path checkpoint = Path.of(args[0]);
    Path out = Files.createDirectories(Path.of(args[2]));
    for (String name : List.of("config.json", "tokenizer.json", "tokenizer_config.json")) {
      Files.write(out.resolve(name), Files.readAllBytes(checkpoint.resolve(name)));
    }
    byte[] weights = Files.readAllBytes(checkpoint.resolve("model.safetensors"));
    divideHead(ByteBuffer.wrap(weights).order(ByteOrder.LITTLE_ENDIAN), Float.parseFloat(args[1]));
    Files.write(out.resolve("model.safetensors"), weights);
  }

  /** The head's logits are products with its rows, and it has no bias. */
  private static void divideHead(ByteBuffer file, float number) {
    int header = Math.toIntExact(file.getLong(0));
    String json = new String(file.array(), Long.BYTES, header, StandardCharsets.UTF_8);
    Matcher head = HEAD.matcher(json);
    if (!head.find()) {
      throw new IllegalArgumentException("there is no head.weight in model.safetensors");
    }
    int data = Long.BYTES + header;
    int from = data + Integer.parseInt(head.group(1));
    int to = data + Integer.parseInt(head.group(2));
    FloatBuffer values = file.slice(from, to - from).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
    for (int i = 0; i < values.limit(); i++) {
      values.put(i, values.get(i) / number);
    }
  }
}
