package dev.lanewise.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.trainer.cli.jvm.ChildJvm;
import dev.lanewise.trainer.cli.jvm.EndedProcess;
import dev.lanewise.trainer.cli.jvm.JvmFlags;
import dev.lanewise.trainer.settings.ConfigKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The user's text comes through the real command line character for character. */
class VerbatimTest {
  @TempDir private Path folder;

  static Stream<String> texts() {
    return Stream.of(
        "@i.txt",
        "@@ x",
        "@",
        "-hello",
        "-h",
        "--help",
        "--seed",
        "--seed=3",
        "--",
        "-",
        "",
        " ",
        "=",
        "=x",
        "\"q\"",
        "'q'",
        "a=b",
        "${sys:user.home}",
        "%n",
        "train",
        "generate",
        "\\n",
        "line\nline",
        "café \ud83d\ude00",
        "!x",
        "#x",
        "-Dx",
        "--prompt",
        "--prompt=x");
  }

  private static CommandLine parsed(String... args) {
    CommandLine root = LanewiseCommand.commandLine();
    return root.parseArgs(args).subcommand().commandSpec().commandLine();
  }

  @ParameterizedTest
  @MethodSource("texts")
  void aPromptIsWhatTheUserTyped(String text) {
    for (String command : List.of("generate", "train")) {
      List<String> other = command.equals("generate") ? List.of("--model", "m") : List.of();
      List<String> args = new ArrayList<>(List.of(command));
      args.addAll(other);
      List<String> apart = new ArrayList<>(args);
      apart.addAll(List.of("--prompt", text, "--seed", "7"));
      args.addAll(List.of("--prompt=" + text, "--seed", "7"));

      assertThat(prompt(apart)).as(command).isEqualTo(text);
      assertThat(prompt(args)).as(command + " with =").isEqualTo(text);
    }
  }

  private static String prompt(List<String> args) {
    CommandLine line = parsed(args.toArray(String[]::new));
    assertThat(line.getParseResult().matchedOptionValue("--seed", 0L)).isEqualTo(7);
    return line.getParseResult().matchedOptionValue("--prompt", null);
  }

  @Test
  void theSettingsOfARunHaveThePrompt() {
    CommandLine line = parsed("train", "--prompt", "--seed");

    assertThat(
            ConfigOptions.given(line.getCommandSpec(), Set.of(ConfigKey.PROMPT))
                .value(ConfigKey.PROMPT))
        .contains("--seed");
  }

  @Test
  void pathsAreVerbatimToo() {
    CommandLine line = parsed("train", "--out", "--seed", "--data", "@x", "b", "--config=-c");

    assertThat(line.getParseResult().<Path>matchedOptionValue("--out", null))
        .isEqualTo(Path.of("--seed"));
    assertThat(line.getParseResult().<List<Path>>matchedOptionValue("--data", null))
        .containsExactly(Path.of("@x"), Path.of("b"));
    assertThat(line.getParseResult().<Path>matchedOptionValue("--config", null))
        .isEqualTo(Path.of("-c"));
  }

  @Test
  void everyOptionThatTakesTextIsVerbatim() {
    for (CommandLine line : LanewiseCommand.commandLine().getSubcommands().values()) {
      for (OptionSpec option : line.getCommandSpec().options()) {
        Class<?> type = option.auxiliaryTypes()[0];
        if (type == String.class || type == Path.class) {
          assertThat(option.preprocessor())
              .as(line.getCommandName() + " " + option.longestName())
              .isInstanceOf(Verbatim.class);
        }
      }
    }
  }

  /** As of a variable that a script forgot to set: it would be the current folder. */
  @Test
  void anEmptyNameIsNoPath() {
    int tried = 0;
    for (CommandLine line : LanewiseCommand.commandLine().getSubcommands().values()) {
      for (ArgSpec taken : line.getCommandSpec().args()) {
        if (taken.auxiliaryTypes()[0] == Path.class) {
          String name = taken.isOption() ? ((OptionSpec) taken).longestName() : "--";
          CommandRun run = CommandRun.of(line.getCommandName(), name, "");
          assertThat(run.exitCode()).as(line.getCommandName() + " " + name).isEqualTo(2);
          assertThat(run.err()).contains(taken.isOption() ? name : "positional", "is empty");
          tried++;
        }
      }
    }
    assertThat(tried).isGreaterThan(12);
  }

  @Test
  void aFileIsNotReadInPlaceOfAPrompt() throws Exception {
    Path secret = Files.writeString(folder.resolve("i.txt"), "--model secret");
    CommandRun run = CommandRun.of("generate", "@" + secret);

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).doesNotContain("secret'", "no such folder");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nope --help",
        "--help nope",
        "train nope --help",
        "train --help --nope",
        "nope --version",
        "train --help --steps 3 x",
      })
  void whatIsUnknownIsAnErrorAlsoWhereHelpIsAskedFor(String line) {
    CommandRun run = CommandRun.line(line);

    assertThat(run.exitCode()).as(run.out()).isEqualTo(2);
    assertThat(run.err()).containsAnyOf("nope", "'x'");
    assertThat(run.out()).isEmpty();
  }

  /** The JVM was started without the launcher, in a locale that has only ASCII. */
  @Test
  @EnabledOnOs(OS.LINUX)
  void aNameThatTheLocaleDoesNotHaveIsRefusedWithWhatToDo() throws Exception {
    String name = "caf\\303\\251.txt";
    for (String option : List.of("--prompt-file", "--model")) {
      List<String> command = new ArrayList<>(List.of("sh", "-c"));
      command.add("exec \"$@\" %s \"$(printf '%s')\"".formatted(option, name));
      command.add("sh");
      List<String> flags = JvmFlags.with(System.getProperty("os.name"), List.of());
      command.addAll(ChildJvm.command(flags, Main.class, List.of("generate")));
      ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
      builder.environment().put("LC_ALL", "C");
      EndedProcess refused = EndedProcess.of(builder.start());

      assertThat(refused.output())
          .contains(option, "caf\u00e9.txt", "set LC_ALL=C.UTF-8", "./lanewise")
          .doesNotContain("Malformed", "bug");
      assertThat(refused.exitCode()).isEqualTo(2);
    }
  }

  @Test
  void aMessageDoesNotShowTheMark() {
    CommandRun run = CommandRun.of("train", "--config", "nowhere.yaml", "--preset", "x");

    assertThat(run.err()).doesNotContain("\0");
  }
}
