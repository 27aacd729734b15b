import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.source.util.JavacTask;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/**
 * Of the methods that a model writes after ten signatures, the share that is Java by its syntax:
 *
 * <pre>java -cp trainer/target/lanewise.jar docs/learning/ParseMethods.java RUN [OPTIONS]</pre>
 *
 * <p>from the project's root, with further options of {@code lanewise generate}. A method ends
 * where its braces close; one that does not end does not parse.
 */
class ParseMethods {

  private static final List<String> SIGNATURES =
      List.of(
          "boolean isEmpty()",
          "int size()",
          "boolean equals(Object o)",
          "int hashCode()",
          "String toString()",
          "void checkRange(int from, int to)",
          "int indexOf(Object o)",
          "boolean add(E e)",
          "void close()",
          "int max(int a, int b)");

  private static final ObjectMapper JSON = new ObjectMapper();

  public static void main(String[] args) throws IOException, InterruptedException {
    List<String> options = new ArrayList<>(Arrays.asList(args).subList(1, args.length));
    if (!options.contains("--samples")) {
      options.addAll(List.of("--samples", "40"));
    }
    int samples = 0;
    int ended = 0;
    int parsed = 0;
    int empty = 0;
    for (String signature : SIGNATURES) {
      String prompt = "    public " + signature + " {";
      for (String text : write(args[0], prompt, options)) {
        samples++;
        int end = endOfMethod(text);
        if (end > 0) {
          ended++;
          String method = text.substring(0, end);
          if (parses(method)) {
            parsed++;
            empty += method.substring(prompt.length(), end - 1).isBlank() ? 1 : 0;
          }
        }
      }
    }
    System.out.printf(
        "%s: %d samples, %d end, %d parse (%.1f %%), %d of them with an empty body%n",
        args[0], samples, ended, parsed, 100.0 * parsed / samples, empty);
  }

  /** Each text with its prompt. */
  private static List<String> write(String run, String prompt, List<String> options)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of("./lanewise", "generate", "--model", run, "--prompt", prompt, "--json"));
    command.addAll(List.of("--max-tokens", "200"));
    command.addAll(options);
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    List<String> texts = new ArrayList<>();
    try (BufferedReader lines = process.inputReader()) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        JsonNode message = JSON.readTree(line);
        switch (message.path("type").asText()) {
          case "generated" -> texts.add(prompt + message.path("text").asText());
          case "error" -> throw new IOException(message.path("message").asText());
          default -> {
            // How far it is.
          }
        }
      }
    }
    if (process.waitFor() != 0) {
      throw new IOException(String.join(" ", command) + " failed");
    }
    return texts;
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
        .noneMatch(problem -> problem.getKind() == Diagnostic.Kind.ERROR);
  }
}
