package dev.lanewise.trainer.text;

import dev.lanewise.trainer.progress.Progress;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * Java source text that every JDK brings along, in {@code lib/src.zip}. Comments before a file's
 * package declaration, which are its licence, are removed; its Javadoc stays. The order is that of
 * the entries' names.
 */
public final class JdkSources implements TextSource {

  /** Which files are taken. */
  public enum Selection {
    /**
     * Those of {@code java.base}, packages java.util and java.lang themselves, not of the packages
     * below them, of at most 40 KB: about 2 MB. The limit keeps out the few huge files, half of the
     * text, that consist of overloads and generated tables.
     */
    CORE(
        "java.util and java.lang",
        "java\\.base/java/(?:lang|util)/\\w[\\w-]*\\.java",
        40 * 1024,
        false),
    /**
     * Those of {@code java.base}, all packages below java, of at most 256 KB, without their
     * imports, and each text once: about 25 MB.
     */
    JAVA("java.base/java", "java\\.base/java/(?:\\w+/)+\\w[\\w-]*\\.java", 256 * 1024, true),
    /**
     * Likewise all packages below java and javax of all modules, about 50 MB; but for
     * java.net.http, java.sql, java.logging and java.prefs, on which models are judged
     * (docs/learning/LOG.md), and java.sql.rowset, which repeats much of java.sql.
     */
    API(
        "packages java and javax",
        "(?!java\\.(?:net\\.http|sql|sql\\.rowset|logging|prefs)/)"
            + "[\\w.]+/javax?/(?:\\w+/)+\\w[\\w-]*\\.java",
        256 * 1024,
        true);

    private final String description;

    // Immutable, which the checker cannot see.
    @SuppressWarnings("ImmutableEnumChecker")
    private final Pattern entry;

    private final int mostBytes;
    private final boolean condensed;

    Selection(String description, String entry, int mostBytes, boolean condensed) {
      this.description = description;
      this.entry = Pattern.compile(entry);
      this.mostBytes = mostBytes;
      this.condensed = condensed;
    }

    /** Finds one by its name in settings. */
    public static Optional<Selection> named(String name) {
      return Arrays.stream(values()).filter(each -> each.id().equals(name)).findFirst();
    }

    /** Returns the names there are, for messages. */
    public static String names() {
      return Arrays.stream(values()).map(Selection::id).collect(Collectors.joining(", "));
    }

    private String id() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private static final Pattern IMPORTS = Pattern.compile("(?m)^import [^\\n]*\\R");
  private static final Pattern EMPTY_LINES = Pattern.compile("\\n{3,}");

  private final Selection selection;
  private final Path archive;

  private JdkSources(Selection selection, Path archive) {
    this.selection = selection;
    this.archive = archive;
  }

  /** The sources of the JDK that runs this. Same errors as {@link #of}. */
  public static JdkSources ofRunningJdk(Selection selection) throws IOException {
    return of(selection, Path.of(System.getProperty("java.home")));
  }

  /**
   * The sources of a JDK.
   *
   * @throws InvalidTextException when it has none; the message says what to pass instead
   */
  public static JdkSources of(Selection selection, Path javaHome) throws IOException {
    Path archive = javaHome.resolve("lib").resolve("src.zip");
    if (!Files.isRegularFile(archive)) {
      throw new InvalidTextException(
          archive.toString(),
          "this JDK comes without its sources, which are the text to train on when none is given;"
              + " name a text file or a folder with --data, or use a JDK that has lib/src.zip");
    }
    return new JdkSources(selection, archive);
  }

  @Override
  public Optional<List<Path>> named() {
    return Optional.of(List.of());
  }

  @Override
  public String description() {
    return selection.description + " in " + archive;
  }

  @Override
  public long expectedBytes() {
    try (ZipFile zip = new ZipFile(archive.toFile())) {
      return entries(zip).stream().mapToLong(ZipEntry::getSize).sum();
    } catch (IOException e) {
      // The one that reads it is told.
      return Progress.UNKNOWN;
    }
  }

  private List<? extends ZipEntry> entries(ZipFile zip) {
    return zip.stream()
        .filter(
            entry ->
                selection.entry.matcher(entry.getName()).matches()
                    && entry.getSize() <= selection.mostBytes)
        .sorted((a, b) -> a.getName().compareTo(b.getName()))
        .toList();
  }

  @Override
  public void copyTo(TextSink sink) throws IOException {
    copyDocuments(new TextJoiner(sink));
  }

  @Override
  public void copyDocuments(DocumentSink sink) throws IOException {
    try (ZipFile zip = new ZipFile(archive.toFile())) {
      Set<String> seen = new HashSet<>();
      for (ZipEntry entry : entries(zip)) {
        String text = text(zip, entry);
        if (!selection.condensed || seen.add(text)) {
          InputStream in = new ByteArrayInputStream(text.getBytes(StandardCharsets.ISO_8859_1));
          TextCleaner.copyDocument(archive + "!" + entry.getName(), in, sink);
        }
      }
    } catch (ZipException e) {
      throw new InvalidTextException(
          archive.toString(), "not a readable archive: " + e.getMessage(), e);
    }
  }

  /** The text of a file, a character for each byte. */
  private String text(ZipFile zip, ZipEntry entry) throws IOException {
    byte[] bytes;
    try (InputStream in = zip.getInputStream(entry)) {
      bytes = in.readNBytes(selection.mostBytes);
    }
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    text = text.substring(licenceEnd(text));
    if (!selection.condensed) {
      return text;
    }
    String withoutImports = IMPORTS.matcher(text).replaceAll("");
    return EMPTY_LINES.matcher(withoutImports).replaceAll("\n\n");
  }

  /** Where the comments and blanks at the beginning end; a Javadoc comment is none of them. */
  static int licenceEnd(String source) {
    int at = 0;
    while (at < source.length()) {
      if (Character.isWhitespace(source.charAt(at))) {
        at++;
      } else if (source.startsWith("//", at)) {
        at = after(source, "\n", at);
      } else if (source.startsWith("/*", at) && !source.startsWith("/**", at)) {
        at = after(source, "*/", at + 2);
      } else {
        break;
      }
    }
    return at;
  }

  private static int after(String source, String end, int from) {
    int at = source.indexOf(end, from);
    return at < 0 ? source.length() : at + end.length();
  }
}
