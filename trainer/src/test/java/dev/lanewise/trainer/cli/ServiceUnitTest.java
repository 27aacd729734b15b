package dev.lanewise.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.trainer.cli.jvm.EndedProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.io.TempDirFactory;
import picocli.CommandLine;

/** The command of {@code docs/lanewise.service} begins a run where there is none, or goes on. */
@DisabledOnOs(OS.WINDOWS)
class ServiceUnitTest {

  private static final Path UNIT = Path.of("..", "docs", "lanewise.service");

  @TempDir(factory = TempDirFactory.Standard.class)
  private Path folder;

  private String start() throws IOException, InterruptedException {
    Matcher command =
        Pattern.compile("^ExecStart=/bin/sh -c '(.*)'$", Pattern.MULTILINE)
            .matcher(Files.readString(UNIT));
    assertThat(command.find()).isTrue();
    Path launcher = folder.resolve("lanewise");
    Files.writeString(launcher, "#!/bin/sh\necho \"$$ $*\"\n");
    assertThat(launcher.toFile().setExecutable(true)).isTrue();
    Process shell =
        new ProcessBuilder("/bin/sh", "-c", command.group(1)).directory(folder.toFile()).start();
    EndedProcess ended = EndedProcess.of(shell);
    assertThat(ended.exitCode()).isZero();
    String output = ended.output();
    // The process that systemd knows, and signals, is the launcher itself.
    assertThat(output).startsWith(shell.pid() + " ");
    return output.substring(output.indexOf(' ') + 1).strip();
  }

  @Test
  void aRunBeginsAndThenGoesOn() throws Exception {
    String begun = start();
    assertThat(begun).isEqualTo("train --data book.txt --out runs/book");

    Files.createDirectories(folder.resolve("runs/book"));
    Files.writeString(folder.resolve("runs/book/config.yaml"), "");
    String resumed = start();
    assertThat(resumed).isEqualTo("train --resume --out runs/book");

    CommandLine commands = LanewiseCommand.commandLine();
    for (String line : List.of(begun, resumed)) {
      assertThat(commands.parseArgs(line.split(" ", -1)).hasSubcommand()).isTrue();
    }
  }

  @Test
  void stoppingIsBySignalToTheLauncherAlone() throws IOException {
    assertThat(Files.readAllLines(UNIT))
        .contains("KillMode=mixed", "Restart=on-failure")
        .noneMatch(line -> line.startsWith("KillSignal="));
  }
}
