package io.belay.face.web;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.util.FileSystemUtils;

/** A set of models on disk, made from those that there are by changing some words in them. */
final class LawWorld {

  static final Path DELIVERED = Path.of("processes");
  static final Path WEB = Path.of("src/test/resources/web");
  static final Path CASES = Path.of("src/test/resources/cases/models");

  private final Path directory;

  /**
   * @param name of the directory under {@code target}; begun anew
   */
  LawWorld(String name) {
    directory = Path.of("target", name);
    try {
      FileSystemUtils.deleteRecursively(directory);
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Path directory() {
    return directory;
  }

  void copyAll(Path from, String to) {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        copy(file, to + "/" + from.relativize(file));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * @param changes pairs of words: each first is there, and becomes the second
   */
  void copy(Path from, String to, String... changes) {
    try {
      String text = Files.readString(from);
      for (int i = 0; i < changes.length; i += 2) {
        if (!text.contains(changes[i])) {
          throw new IllegalArgumentException(from + " does not say " + changes[i]);
        }
        text = text.replace(changes[i], changes[i + 1]);
      }
      Path file = directory.resolve(to);
      Files.createDirectories(file.getParent());
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A Belay of its own with these models, in {@code processes}, and {@code environments}. */
  void use(DynamicPropertyRegistry properties) {
    String name = directory.getFileName().toString();
    // Its own, so that engine-rest of the other tests in this JVM finds their engine.
    properties.add("camunda.bpm.process-engine-name", () -> name.replace("-", ""));
    properties.add("spring.datasource.url", () -> "jdbc:h2:mem:" + name + ";DB_CLOSE_DELAY=-1");
    properties.add("belay.processes", () -> directory.resolve("processes").toString());
    properties.add("belay.environments", () -> directory.resolve("environments").toString());
    properties.add("belay.artifacts.directory", () -> directory.resolve("artifacts").toString());
  }

  /** A server that is healthy, and answers nothing else. */
  static HttpServer serve() {
    try {
      HttpServer server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      server.createContext(
          "/",
          exchange -> {
            boolean works = exchange.getRequestURI().getPath().equals("/health");
            exchange.sendResponseHeaders(works ? 200 : 500, -1);
            exchange.close();
          });
      server.start();
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
