package dev.lanewise.trainer.cli;

import java.io.Console;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * The standard output of all commands. It keeps the error of a write that failed, which a
 * PrintWriter would swallow: a text that was lost must not look like success.
 */
final class StandardOutput extends OutputStream {

  private static final Path DESCRIPTOR = Path.of("/dev/fd/1");
  private static final int TYPE_OF_FILE = 0xF000;
  private static final int PIPE = 0x1000;

  private final OutputStream out;
  private final BooleanSupplier pipe;
  private IOException problem;

  /** Output to a stream, of which is known whether it is a pipe. */
  StandardOutput(OutputStream out, BooleanSupplier pipe) {
    this.out = out;
    this.pipe = pipe;
  }

  /** The one that the process was started with. */
  static StandardOutput ofProcess() {
    return new StandardOutput(new FileOutputStream(FileDescriptor.out), StandardOutput::isPipe);
  }

  /**
   * Whether people look at it; the console of the JVM is one only if the input is a terminal too.
   */
  static boolean isTerminal() {
    if (Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent()) {
      return true;
    }
    try {
      String device = DESCRIPTOR.toRealPath().toString();
      return device.startsWith("/dev/pts/") || device.startsWith("/dev/tty");
    } catch (IOException e) {
      return false;
    }
  }

  PrintWriter writer(Charset charset) {
    return new PrintWriter(this, true, charset);
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    try {
      out.write(bytes, offset, length);
    } catch (IOException e) {
      problem = e;
      throw e;
    }
  }

  @Override
  public void flush() throws IOException {
    try {
      out.flush();
    } catch (IOException e) {
      problem = e;
      throw e;
    }
  }

  /**
   * Says why output was lost.
   *
   * @return null if none was, or if the reader of a pipe has had enough, as {@code head} has
   */
  String lost() {
    if (problem == null || isClosedPipe(problem)) {
      return null;
    }
    return problem.getMessage() == null ? problem.toString() : problem.getMessage();
  }

  /** The system's words may be in any language, so it is asked what it writes to. */
  private boolean isClosedPipe(IOException failure) {
    return String.valueOf(failure.getMessage()).toLowerCase(Locale.ROOT).contains("pipe")
        || pipe.getAsBoolean();
  }

  private static boolean isPipe() {
    try {
      return Files.getAttribute(DESCRIPTOR, "unix:mode") instanceof Integer mode
          && (mode & TYPE_OF_FILE) == PIPE;
    } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
      return false;
    }
  }
}
