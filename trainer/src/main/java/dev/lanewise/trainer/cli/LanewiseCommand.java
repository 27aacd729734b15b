package dev.lanewise.trainer.cli;

import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The root of the command line. Does nothing itself: the work is in its subcommands. */
@Command(
    name = "lanewise",
    mixinStandardHelpOptions = true,
    versionProvider = LanewiseCommand.Version.class,
    description = "Trains GPT-style transformers on the CPU, in pure Java.",
    commandListHeading = "%nCommands:%n",
    footer = {
      "",
      "To begin with, train a small model on the JDK's own sources (a few minutes),",
      "then let it write:",
      "",
      "  lanewise train",
      "  lanewise generate --model runs/NAME --prompt \"public class \"",
      "",
      "Each command explains itself: lanewise train --help",
      "Exit code: 0 done, 1 failed, 2 wrongly called."
    })
final class LanewiseCommand implements Runnable {
  @Spec private CommandSpec spec;

  /** Runs the command line and returns its exit code: 0 done, 1 failed, 2 wrongly called. */
  static int execute(String... args) {
    StandardOutput output = StandardOutput.ofProcess();
    PrintWriter err = new PrintWriter(System.err, true, usable(System.err.charset()));
    return execute(output, usable(System.out.charset()), err, args);
  }

  /** A command whose output was lost has failed, whatever else it did. */
  static int execute(StandardOutput output, Charset charset, PrintWriter err, String... args) {
    int exitCode = execute(output.writer(charset), err, args);
    if (output.lost() == null) {
      return exitCode;
    }
    err.println("lanewise: the output could not be written: " + output.lost());
    err.flush();
    return exitCode == 0 ? CommandLine.ExitCode.SOFTWARE : exitCode;
  }

  /** As {@link #execute(String...)}, printing elsewhere. */
  static int execute(PrintWriter out, PrintWriter err, String... args) {
    CommandLine root = new CommandLine(new LanewiseCommand());
    add(root, new TrainCommand());
    add(root, new GenerateCommand());
    add(root, new EvalCommand());
    add(root, new GradcheckCommand());
    add(root, new BenchCommand());
    add(root, new DoctorCommand());
    root.setOut(out);
    root.setErr(err);
    root.setUsageHelpAutoWidth(true);
    root.setCaseInsensitiveEnumValuesAllowed(true);
    root.setParameterExceptionHandler(LanewiseCommand::explainWrongCall);
    int exitCode = root.execute(args);
    out.flush();
    err.flush();
    return exitCode;
  }

  private static void add(CommandLine root, Subcommand command) {
    CommandLine line = new CommandLine(command);
    command.addOptions(line.getCommandSpec());
    root.addSubcommand(line);
  }

  /**
   * The encoding of the terminal; but UTF-8 where the locale is "C", as it is in most containers,
   * because generated text is anything but ASCII.
   */
  private static Charset usable(Charset charset) {
    return charset.equals(StandardCharsets.US_ASCII) ? StandardCharsets.UTF_8 : charset;
  }

  private static int explainWrongCall(ParameterException problem, String[] args) {
    CommandLine line = problem.getCommandLine();
    PrintWriter err = line.getErr();
    err.println(problem.getMessage());
    if (!UnmatchedArgumentException.printSuggestions(problem, err)) {
      err.println("Try '" + line.getCommandSpec().qualifiedName() + " --help'.");
    }
    return CommandLine.ExitCode.USAGE;
  }

  @Override
  public void run() {
    ParseResult called = spec.commandLine().getParseResult();
    if (called.originalArgs().isEmpty()) {
      spec.commandLine().usage(spec.commandLine().getErr());
    }
    throw new ParameterException(spec.commandLine(), "Say which command to run.");
  }

  /** The version that the build wrote into the jar's manifest. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = LanewiseCommand.class.getPackage().getImplementationVersion();
      return new String[] {
        "lanewise " + (version == null ? "(not from a jar)" : version),
        "Java " + Runtime.version() + " (" + System.getProperty("java.vm.name") + ")"
      };
    }
  }
}
