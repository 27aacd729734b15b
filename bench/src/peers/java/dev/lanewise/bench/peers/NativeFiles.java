package dev.lanewise.bench.peers;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.bytedeco.javacpp.Loader;

/** Shared libraries from jars on the class path, unpacked into JavaCPP's cache. */
final class NativeFiles {

  private NativeFiles() {}

  /** Whether the class path has a file. */
  static boolean exist(String folder, String name) {
    return NativeFiles.class.getResource(folder + name) != null;
  }

  /**
   * Unpacks files and returns their folder.
   *
   * @param folder absolute, with a slash at its end
   * @param artifact the Maven artifact that they are in
   * @throws IllegalStateException if a file is not on the class path
   */
  static Path unpack(String artifact, String folder, String... names) {
    Path unpacked = null;
    for (String name : names) {
      try {
        File file = Loader.cacheResource(NativeFiles.class, folder + name);
        if (file == null) {
          throw new IllegalStateException(
              "%s%s is not on the class path; it comes with %s".formatted(folder, name, artifact));
        }
        unpacked = file.toPath().getParent();
      } catch (IOException e) {
        throw new UncheckedIOException("cannot unpack " + folder + name, e);
      }
    }
    return unpacked;
  }
}
