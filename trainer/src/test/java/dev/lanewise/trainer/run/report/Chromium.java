package dev.lanewise.trainer.run.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A browser without a window, for one page; it keeps all that it writes in a folder. */
record Chromium(Path program, Path folder) {

  private static final List<String> NAMES =
      List.of("chromium", "chromium-browser", "google-chrome");

  /**
   * What a page has become.
   *
   * @param document after its scripts have run
   * @param complaints what scripts and the browser wrote to the console
   */
  record Seen(String document, List<String> complaints) {}

  static Chromium in(Path folder) {
    Path program =
        Arrays.stream(System.getenv("PATH").split(java.io.File.pathSeparator, -1))
            .flatMap(place -> NAMES.stream().map(name -> Path.of(place, name)))
            .filter(Files::isExecutable)
            .findFirst()
            .orElseThrow(() -> new AssertionError("none of " + NAMES + " is on the PATH"));
    return new Chromium(program, folder);
  }

  Seen see(Path page, boolean dark) throws IOException, InterruptedException {
    Path document = folder.resolve("document.html");
    Path problems = folder.resolve("problems.txt");
    Path profile = Files.createTempDirectory(folder, "profile");
    List<String> command = new ArrayList<>(List.of(program.toString()));
    command.addAll(
        List.of(
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--allow-file-access-from-files",
            "--enable-logging=stderr",
            "--window-size=1300,1000",
            "--virtual-time-budget=5000",
            // Blink's numbers: 0 is dark, 1 is light.
            "--blink-settings=preferredColorScheme=" + (dark ? 0 : 1),
            "--user-data-dir=" + profile,
            "--dump-dom",
            page.toUri().toString()));
    Process browser =
        new ProcessBuilder(command)
            .redirectOutput(document.toFile())
            .redirectError(problems.toFile())
            .start();
    try {
      assertThat(browser.waitFor(2, TimeUnit.MINUTES)).as("the browser has ended").isTrue();
    } finally {
      browser.descendants().forEach(ProcessHandle::destroyForcibly);
      browser.destroyForcibly();
    }
    assertThat(browser.exitValue()).as(Files.readString(problems)).isZero();
    try (Stream<String> lines = Files.lines(problems)) {
      return new Seen(
          Files.readString(document), lines.filter(line -> line.contains("CONSOLE")).toList());
    }
  }
}
