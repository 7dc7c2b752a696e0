package io.belay.playground;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;

/**
 * The places where a process of the application can run. The three main slots run v1 at first; in a
 * rolling update v2 takes over each, on the same port. Green runs v2 beside v1 (blue-green),
 * staging runs v2 for the tests before anything is changed, on a database of its own.
 */
final class Slots {

  static final List<String> MAIN = List.of("main-1", "main-2", "main-3");
  static final String GREEN = "green";
  static final String STAGING = "staging";
  static final List<String> ALL = List.of("main-1", "main-2", "main-3", GREEN, STAGING);

  private Slots() {}

  /** The slots that a name means: a slot, or the version whose home slots it stands for. */
  static List<String> named(String version, String name) {
    return name.equals("all") ? version.equals("v1") ? MAIN : List.of(GREEN) : List.of(name);
  }

  static int port(Path worldDirectory, String slot) throws IOException {
    Properties ports = new Properties();
    try (Reader reader = Files.newBufferedReader(worldDirectory.resolve("slots.properties"))) {
      ports.load(reader);
    }
    return Integer.parseInt(ports.getProperty(slot));
  }

  static String url(Path worldDirectory, String slot) throws IOException {
    return "http://127.0.0.1:" + port(worldDirectory, slot);
  }

  /** Gives each slot a port. */
  static void assignPorts(Path worldDirectory) throws IOException {
    StringBuilder lines = new StringBuilder();
    for (String slot : ALL) {
      lines.append(slot).append('=').append(Ports.free()).append('\n');
    }
    Files.writeString(worldDirectory.resolve("slots.properties"), lines);
  }

  /** The configuration file that a version reads in a slot. */
  static Path configuration(Path worldDirectory, String version, String slot) {
    String name = slot.equals(STAGING) ? STAGING : version;
    return worldDirectory.resolve("config").resolve(name + ".env");
  }

  static Path log(Path worldDirectory, String version, String slot) {
    String name = slot.equals(STAGING) ? STAGING : version;
    return worldDirectory.resolve("logs").resolve(name + ".log");
  }
}
