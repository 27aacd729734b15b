package dev.lanewise.trainer.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.lanewise.trainer.profile.Profile;
import dev.lanewise.trainer.profile.ProfileJson;
import dev.lanewise.trainer.profile.ProfilePage;
import dev.lanewise.trainer.profile.ProfileReader;
import dev.lanewise.trainer.profile.ProfileText;
import dev.lanewise.trainer.run.RunFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code lanewise profile}. */
@Command(
    name = "profile",
    description = {
      "Says where the time of training goes, layer by layer and kernel by kernel.",
      "",
      "Reads a recording of the JDK's flight recorder. `lanewise train --profile` makes",
      "one, RUN/profile.jfr; so does -XX:StartFlightRecording or jcmd."
    },
    footer = {
      "",
      "Examples:",
      "  lanewise profile runs/mine",
      "      of a run; writes runs/mine/profile.html too",
      "  lanewise profile recording.jfr --html profile.html",
      "  lanewise profile --json runs/mine",
      "      one JSON object on one line"
    })
final class ProfileCommand extends Subcommand {

  @Parameters(
      paramLabel = "PATH",
      preprocessor = Verbatim.class,
      description = "a recording (.jfr), or a run that was trained with --profile")
  private Path path;

  @Option(names = "--each-layer", description = "list every layer of every block by itself")
  private boolean eachLayer;

  @Option(
      names = "--skip",
      paramLabel = "N",
      description =
          "leave out the first N steps (default: those of the first seconds, in which code is"
              + " compiled, but at most half)")
  private Integer skip;

  @Option(names = "--json", description = "print one JSON object instead of tables")
  private boolean json;

  @Option(names = "--quiet", description = "print only the result, warnings and errors")
  private boolean quiet;

  @Option(
      names = "--html",
      paramLabel = "FILE",
      preprocessor = Verbatim.class,
      description = "write a page with bars and a flame graph (of a run: its profile.html)")
  private Path page;

  @Override
  int run() throws IOException {
    requireNone(
        skip == null || skip >= 0 ? List.of() : List.of("--skip " + skip + " has to be 0 or more"));
    if (page != null) {
      requireOutsideOfRuns();
    }
    boolean isRun = Files.isDirectory(path);
    Path recording = isRun ? recordingOf(new RunFolder(path)) : path;
    Profile profile =
        ProfileReader.read(recording, skip == null ? OptionalInt.empty() : OptionalInt.of(skip));
    Path written = page == null && isRun ? new RunFolder(path).profilePage() : page;
    if (json) {
      out().println(ProfileJson.of(profile));
    } else {
      out().print(ProfileText.of(profile, eachLayer));
    }
    if (written != null) {
      writePage(written, recording, profile, "--html");
      if (!quiet) {
        (json ? err() : out()).println("Bars and a flame graph: " + written);
      }
    }
    return 0;
  }

  private void requireOutsideOfRuns() throws IOException {
    Optional<String> around = RunFolder.partOfARunAround(page);
    if (around.isPresent()) {
      requireNone(List.of("--html %s is inside %s".formatted(page, around.get())));
    }
  }

  private static Path recordingOf(RunFolder run) throws IOException {
    if (!Files.exists(run.recording())) {
      throw new IOException(
          "%s: there is no recording in it (%s). `lanewise train --profile` makes one, with --resume for a run that is there"
              .formatted(run.path(), run.recording().getFileName()));
    }
    return run.recording();
  }

  /** What a run has recorded; its page is written. */
  static Message of(RunFolder run) throws IOException {
    Profile profile = ProfileReader.read(run.recording(), OptionalInt.empty());
    writePage(run.profilePage(), run.recording(), profile, "--out");
    return new Recorded(profile, run.profilePage(), run.recording());
  }

  /** Where the time of a run went. */
  private record Recorded(Profile profile, Path page, Path recording) implements Message {

    @Override
    public String type() {
      return "profile";
    }

    @Override
    public String text() {
      return "%n%sBars and a flame graph: %s%nThe recording: %s%n"
          .formatted(ProfileText.of(profile, false), page, recording);
    }

    @Override
    public void write(JsonGenerator out) throws IOException {
      out.writeStringField("page", page.toString());
      out.writeStringField("recording", recording.toString());
    }
  }

  private static void writePage(Path page, Path recording, Profile profile, String option)
      throws IOException {
    ProfilePage.write(page, "Where the time goes: " + recording, profile, option);
  }
}
