import com.sun.source.util.JavacTask;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/**
 * Of samples of a model that was trained on Java, the share whose first method is Java by its
 * syntax: {@code java docs/learning/ParseMethods.java FOLDER}. Each file is what a model wrote from
 * a prompt that begins a method; the method ends where its braces close.
 */
class ParseMethods {

  public static void main(String[] folders) throws IOException {
    for (String folder : folders) {
      int whole = 0;
      int parsed = 0;
      List<Path> samples;
      try (Stream<Path> files = Files.list(Path.of(folder))) {
        samples = files.filter(Files::isRegularFile).toList();
      }
      for (Path sample : samples) {
        String text = Files.readString(sample);
        int end = endOfMethod(text);
        if (end > 0) {
          whole++;
          parsed += parses(text.substring(0, end)) ? 1 : 0;
        }
      }
      System.out.printf(
          "%s: %d samples, %d with a method that ends, %d that parse (%.0f %%)%n",
          folder, samples.size(), whole, parsed, 100.0 * parsed / samples.size());
    }
  }

  /** Where the braces of the first body close; 0 if they do not. */
  private static int endOfMethod(String text) {
    int depth = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '{') {
        depth++;
      } else if (c == '}' && --depth <= 0) {
        return i + 1;
      }
    }
    return 0;
  }

  private static boolean parses(String method) throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    DiagnosticCollector<JavaFileObject> problems = new DiagnosticCollector<>();
    JavaFileObject source =
        new SimpleJavaFileObject(URI.create("string:///X.java"), JavaFileObject.Kind.SOURCE) {
          @Override
          public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return "abstract class X {\n" + method + "\n}\n";
          }
        };
    JavacTask task =
        (JavacTask) compiler.getTask(null, null, problems, null, null, List.of(source));
    task.parse();
    return problems.getDiagnostics().stream()
        .noneMatch(problem -> problem.getKind() == javax.tools.Diagnostic.Kind.ERROR);
  }
}
