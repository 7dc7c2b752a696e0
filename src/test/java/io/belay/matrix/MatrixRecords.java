package io.belay.matrix;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.LocalTime;
import java.time.temporal.ChronoUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** What the matrices found out, kept in {@code target/matrix} so that they can go on later. */
final class MatrixRecords {

  static final Path DIRECTORY = Path.of("target", "matrix").toAbsolutePath();

  private static final ObjectMapper JSON =
      new ObjectMapper()
          .findAndRegisterModules()
          .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
          .enable(SerializationFeature.INDENT_OUTPUT);

  private MatrixRecords() {}

  static <T> T read(String name, Class<T> type, Supplier<T> otherwise) {
    Path file = DIRECTORY.resolve(name + ".json");
    try {
      return Files.exists(file) ? JSON.readValue(file.toFile(), type) : otherwise.get();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static void write(String name, Object content) {
    try {
      Path part = DIRECTORY.resolve(name + ".part");
      JSON.writeValue(part.toFile(), content);
      Files.move(part, DIRECTORY.resolve(name + ".json"), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** One line that is written over, and a file that keeps them. */
  static Consumer<String> progress(String name) {
    Path log = DIRECTORY.resolve(name + ".log");
    return line -> {
      String text = LocalTime.now().truncatedTo(ChronoUnit.SECONDS) + " " + line.strip();
      System.out.printf("\r\033[K%s%s", text, line.endsWith("\n") ? "\n" : "");
      System.out.flush();
      try {
        Files.writeString(log, text + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    };
  }
}
