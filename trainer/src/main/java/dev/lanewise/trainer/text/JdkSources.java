package dev.lanewise.trainer.text;

import dev.lanewise.trainer.progress.Progress;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * Java source text that every JDK brings along: the files of the packages java.util and java.lang
 * themselves (not of the packages below them) in {@code lib/src.zip}, as far as they have at most
 * {@value #MAX_FILE_BYTES} bytes, about 2 MB in all. The limit keeps out the few huge files, half
 * of the text, that consist of overloads and generated tables. Comments before a file's package
 * declaration, which are its licence, are removed; its Javadoc stays. The order is that of the
 * entries' names.
 */
public final class JdkSources implements TextSource {

  private static final int MAX_FILE_BYTES = 40 * 1024;
  private static final Pattern ENTRY =
      Pattern.compile("java\\.base/java/(?:lang|util)/\\w[\\w-]*\\.java");

  private final Path archive;

  private JdkSources(Path archive) {
    this.archive = archive;
  }

  /** The sources of the JDK that runs this. Same errors as {@link #of}. */
  public static JdkSources ofRunningJdk() throws IOException {
    return of(Path.of(System.getProperty("java.home")));
  }

  /**
   * The sources of a JDK.
   *
   * @throws InvalidTextException when it has none; the message says what to pass instead
   */
  public static JdkSources of(Path javaHome) throws IOException {
    Path archive = javaHome.resolve("lib").resolve("src.zip");
    if (!Files.isRegularFile(archive)) {
      throw new InvalidTextException(
          archive.toString(),
          "this JDK comes without its sources, which are the text to train on when none is given;"
              + " name a text file or a folder with --data, or use a JDK that has lib/src.zip");
    }
    return new JdkSources(archive);
  }

  @Override
  public Optional<List<Path>> named() {
    return Optional.of(List.of());
  }

  @Override
  public String description() {
    return "java.util and java.lang in " + archive;
  }

  @Override
  public long expectedBytes() {
    try (ZipFile zip = new ZipFile(archive.toFile())) {
      return entries(zip).stream().mapToLong(ZipEntry::getSize).sum();
    } catch (IOException e) {
      // Whoever reads it is told.
      return Progress.UNKNOWN;
    }
  }

  private static List<? extends ZipEntry> entries(ZipFile zip) {
    return zip.stream()
        .filter(
            entry -> ENTRY.matcher(entry.getName()).matches() && entry.getSize() <= MAX_FILE_BYTES)
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
      for (ZipEntry entry : entries(zip)) {
        TextCleaner.copyDocument(archive + "!" + entry.getName(), withoutLicence(zip, entry), sink);
      }
    } catch (ZipException e) {
      throw new InvalidTextException(
          archive.toString(), "not a readable archive: " + e.getMessage(), e);
    }
  }

  private static InputStream withoutLicence(ZipFile zip, ZipEntry entry) throws IOException {
    byte[] bytes;
    try (InputStream in = zip.getInputStream(entry)) {
      bytes = in.readNBytes(MAX_FILE_BYTES);
    }
    int start = licenceEnd(new String(bytes, StandardCharsets.ISO_8859_1));
    return new ByteArrayInputStream(bytes, start, bytes.length - start);
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
