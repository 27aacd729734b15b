package dev.lanewise.trainer.run.page;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A text with places such as {@code {{title}}}. What is put there is not looked at again. */
public record Template(String text) {

  private static final Pattern PLACE = Pattern.compile("\\{\\{([a-z-]+)}}");

  /**
   * Reads a template.
   *
   * @param beside the class whose package has it
   */
  public static Template resource(Class<?> beside, String name) {
    try (InputStream in = beside.getResourceAsStream(name)) {
      return new Template(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Fills the places.
   *
   * @param values HTML by place, no more and no less
   */
  public String fill(Map<String, String> values) {
    return PLACE
        .matcher(text)
        .replaceAll(
            place -> {
              String value = values.get(place.group(1));
              if (value == null) {
                throw new IllegalArgumentException("nothing for the place " + place.group());
              }
              return Matcher.quoteReplacement(value);
            });
  }
}
