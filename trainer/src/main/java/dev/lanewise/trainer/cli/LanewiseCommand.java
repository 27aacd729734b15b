package dev.lanewise.trainer.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The root of the command line. Does nothing itself: the work is in its subcommands. */
@Command(
    name = "lanewise",
    mixinStandardHelpOptions = true,
    versionProvider = LanewiseCommand.Version.class,
    description = "Trains GPT-style transformers on the CPU, in pure Java.")
final class LanewiseCommand implements Runnable {
  @Spec private CommandSpec spec;

  /** Runs the command line and returns its exit code: 0 done, 1 failed, 2 wrongly called. */
  static int execute(String... args) {
    return new CommandLine(new LanewiseCommand()).execute(args);
  }

  @Override
  public void run() {
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
