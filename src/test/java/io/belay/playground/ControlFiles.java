package io.belay.playground;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;

/** Switches faults inside processes on and off: see {@link FaultSwitch}. */
final class ControlFiles {

  private final Path directory;
  private final Map<String, Properties> controls = new LinkedHashMap<>();

  ControlFiles(Path world) throws IOException {
    this.directory = Files.createDirectories(world.resolve("faults"));
  }

  void switchOn(Fault fault) throws IOException {
    Properties control = controls.computeIfAbsent(fault.service(), name -> new Properties());
    control.setProperty(fault.kind().control(), String.valueOf(fault.amount()));
    Path temporary = directory.resolve(fault.service() + ".writing");
    try (var writer = Files.newBufferedWriter(temporary)) {
      control.store(writer, null);
    }
    Files.move(
        temporary,
        directory.resolve(fault.service() + ".properties"),
        StandardCopyOption.ATOMIC_MOVE);
  }

  void clear() throws IOException {
    controls.clear();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
