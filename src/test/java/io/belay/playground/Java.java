package io.belay.playground;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** How the playground starts Java programs: small and quick. */
public final class Java {

  private Java() {}

  public static String executable() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  static List<String> command(String classpath) {
    return command(classpath, 64);
  }

  static List<String> command(String classpath, int heapMegabytes) {
    return List.of(
        executable(),
        "-Xshare:auto",
        "-XX:TieredStopAtLevel=1",
        "-XX:+UseSerialGC",
        "-Xmx" + heapMegabytes + "m",
        "-cp",
        classpath);
  }

  /**
   * Writes a shell script that runs a main class of the playground for a world.
   *
   * @param needed of each jar that it needs beside PostgreSQL's driver, a class
   */
  static void writeScript(Path script, Class<?> main, Path world, Class<?>... needed)
      throws IOException {
    Class<?>[] all =
        Stream.concat(Stream.of(main, org.postgresql.Driver.class), Stream.of(needed))
            .toArray(Class<?>[]::new);
    String command =
        Stream.concat(command(classpath(all)).stream(), Stream.of(main.getName(), world.toString()))
            .map(word -> "'" + word + "'")
            .collect(Collectors.joining(" "));
    Files.writeString(script, "#!/bin/sh\nexec " + command + " \"$@\"\n");
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
  }

  /** Only the places that these classes come from: a short classpath starts quicker. */
  static String classpath(Class<?>... classes) {
    return Stream.of(classes)
        .map(Java::origin)
        .distinct()
        .collect(Collectors.joining(File.pathSeparator));
  }

  private static String origin(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
    } catch (URISyntaxException e) {
      throw new IllegalStateException("cannot tell where " + type + " comes from", e);
    }
  }
}
