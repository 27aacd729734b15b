package dev.lanewise.trainer.cli.jvm;

import java.io.IOException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * The arguments as the user typed them. A JVM decodes its arguments as the locale says and, in the
 * locale "C", turns every letter that is not ASCII into U+FFFD. Linux still has the bytes.
 */
public final class Arguments {
  /** Tells a second JVM that the first has escaped the arguments. */
  static final String ESCAPED = "lanewise.escapedArguments";

  private static final Path RAW = Path.of("/proc/self/cmdline");

  private Arguments() {}

  /**
   * Returns the arguments, decoded from UTF-8 whatever the locale.
   *
   * @throws CharacterCodingException if they are not UTF-8
   */
  public static String[] asTyped(String... args) throws CharacterCodingException {
    if (Boolean.getBoolean(ESCAPED)) {
      return Stream.of(args)
          .map(argument -> URLDecoder.decode(argument, StandardCharsets.UTF_8))
          .toArray(String[]::new);
    }
    if (areAscii(args) || !Files.isReadable(RAW)) {
      return args;
    }
    try {
      return decode(Files.readAllBytes(RAW), localeCharset(), args);
    } catch (CharacterCodingException e) {
      throw e;
    } catch (IOException e) {
      // As a system without /proc: what the JVM made of them is all there is.
      return args;
    }
  }

  /** Finds the arguments' bytes, which come last, each ended by a NUL, and decodes them. */
  static String[] decode(byte[] commandLine, Charset locale, String... args)
      throws CharacterCodingException {
    List<byte[]> words = new ArrayList<>();
    int start = 0;
    for (int i = 0; i < commandLine.length; i++) {
      if (commandLine[i] == 0) {
        words.add(Arrays.copyOfRange(commandLine, start, i));
        start = i + 1;
      }
    }
    int before = words.size() - args.length;
    String[] typed = new String[args.length];
    for (int i = 0; i < args.length; i++) {
      if (before < 0 || !new String(words.get(before + i), locale).equals(args[i])) {
        // They came some other way, from an @-file of the java command perhaps.
        return args;
      }
      typed[i] =
          StandardCharsets.UTF_8
              .newDecoder()
              .decode(ByteBuffer.wrap(words.get(before + i)))
              .toString();
    }
    return typed;
  }

  /** Whether this JVM can hand the arguments to another as they are. */
  static boolean canBePassedOn(String... args) {
    return localeCharset().equals(StandardCharsets.UTF_8) || areAscii(args);
  }

  /** Returns them in ASCII, for {@link #asTyped} of a JVM with the property {@link #ESCAPED}. */
  static List<String> escaped(String... args) {
    return Stream.of(args)
        .map(argument -> URLEncoder.encode(argument, StandardCharsets.UTF_8))
        .toList();
  }

  /** How this JVM decodes arguments and the names of files. */
  static Charset localeCharset() {
    return Charset.forName(System.getProperty("sun.jnu.encoding", ""), StandardCharsets.UTF_8);
  }

  private static boolean areAscii(String... args) {
    return Stream.of(args).allMatch(StandardCharsets.US_ASCII.newEncoder()::canEncode);
  }
}
