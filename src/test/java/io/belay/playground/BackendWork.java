package io.belay.playground;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * What is done to the backend application, as commands: {@code BackendWork <world>
 * tests|coverage|log} and {@code BackendWork <world> build|deploy|blacklist|synthetic-fault
 * check|apply|revert}. A check exits with 0 when the change is in place, 1 when it is not, 2 when
 * it is half in place.
 */
public final class BackendWork {

  private static final int DONE = 0;
  private static final int NOT_DONE = 1;
  private static final int HALF = 2;

  private static final String IMPLEMENTATION = "NewKeyManager";
  private static final int BLACKLISTED = 2;
  private static final int KEYS = 4;

  private final Path world;
  private final Path home;
  private final Path build;
  private final Path deployed;
  private final BackendTools tools;
  private final URI application;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private BackendWork(Path world) throws IOException {
    this.world = world;
    home = world.resolve("backend");
    build = home.resolve("build");
    deployed = home.resolve("classes");
    tools = BackendTools.read(world);
    application =
        URI.create(
            "http://127.0.0.1:" + MainServer.readEnv(home.resolve("config/app.env")).get("PORT"));
  }

  public static void main(String[] args) throws Exception {
    BackendWork work = new BackendWork(Path.of(args[0]));
    System.exit(
        switch (args[1]) {
          case "build" -> work.build(args[2]);
          case "deploy" -> work.deploy(args[2]);
          case "blacklist" -> work.blacklist(args[2]);
          case "synthetic-fault" -> work.syntheticFault(args[2]);
          case "tests" -> work.tests();
          case "coverage" -> work.coverage();
          case "log" -> work.log();
          default -> throw new IllegalArgumentException("unknown work " + args[1]);
        });
  }

  /** Makes the new directories and compiles what is in {@code src}. */
  private int build(String verb) throws IOException, InterruptedException {
    Path complete = build.resolve("complete");
    switch (verb) {
      case "check" -> {
        return Files.exists(complete) ? DONE : Files.exists(build) ? HALF : NOT_DONE;
      }
      case "apply" -> {
        remove(build);
        Files.createDirectories(build.resolve("classes"));
        int exit =
            run(
                tools.compiler(),
                "-d",
                build.resolve("classes").toString(),
                home.resolve("src/NewKeyManager.java").toString(),
                home.resolve("src/NewKeyManagerTest.java").toString());
        if (exit == 0) {
          Files.createFile(complete);
        }
        return exit;
      }
      default -> {
        remove(build);
        return DONE;
      }
    }
  }

  private int tests() throws IOException, InterruptedException {
    Files.deleteIfExists(build.resolve("jacoco.exec"));
    return run(
        Java.executable(),
        "-javaagent:%s=destfile=%s".formatted(tools.agent(), build.resolve("jacoco.exec")),
        "-cp",
        build.resolve("classes").toString(),
        IMPLEMENTATION + "Test");
  }

  /** Prints the lines that the tests have run, in percent of the new implementation's lines. */
  private int coverage() throws IOException, InterruptedException {
    Path csv = build.resolve("jacoco.csv");
    Process report =
        new ProcessBuilder(
                Java.executable(),
                "-jar",
                tools.reporter(),
                "report",
                build.resolve("jacoco.exec").toString(),
                "--classfiles",
                build.resolve("classes").resolve(IMPLEMENTATION + ".class").toString(),
                "--csv",
                csv.toString())
            .redirectErrorStream(true)
            .start();
    String said;
    try (InputStream output = report.getInputStream()) {
      said = new String(output.readAllBytes());
    }
    if (report.waitFor() != 0) {
      System.err.println(said);
      return 1;
    }
    List<String> names = List.of(Files.readAllLines(csv).get(0).split(","));
    String[] values = Files.readAllLines(csv).get(1).split(",");
    double missed = Double.parseDouble(values[names.indexOf("LINE_MISSED")]);
    double covered = Double.parseDouble(values[names.indexOf("LINE_COVERED")]);
    System.out.println(100 * covered / (covered + missed));
    return 0;
  }

  private int log() throws IOException {
    System.out.print(Files.readString(world.resolve("logs/backend.log")));
    return 0;
  }

  /** Gives the application what was built, and restarts it. */
  private int deploy(String verb) throws IOException, InterruptedException {
    BackendProcess process = new BackendProcess(world);
    Path implementation = deployed.resolve(IMPLEMENTATION + ".class");
    switch (verb) {
      case "check" -> {
        boolean there = Files.exists(implementation);
        boolean runs = process.runs() && get("/health").body().contains("\"old,new\"");
        boolean former = process.runs() && !runs;
        return there && runs ? DONE : !there && former ? NOT_DONE : HALF;
      }
      case "apply" -> {
        Files.createDirectories(deployed);
        Files.copy(
            build.resolve("classes").resolve(IMPLEMENTATION + ".class"),
            implementation,
            StandardCopyOption.REPLACE_EXISTING);
        process.restart();
      }
      default -> {
        remove(deployed);
        process.restart();
      }
    }
    return DONE;
  }

  /** Takes a key out of use; in place when the key says so and no search gets it. */
  private int blacklist(String verb) throws IOException, InterruptedException {
    String path = "/keys/" + BLACKLISTED;
    switch (verb) {
      case "check" -> {
        boolean active = get(path).body().replace(" ", "").contains("\"active\":true");
        Set<String> used = new HashSet<>();
        for (int i = 0; i < 3 * KEYS; i++) {
          used.add(get("/keys/next").body());
        }
        boolean isUsed = used.stream().anyMatch(key -> key.contains("key-" + BLACKLISTED));
        boolean rotates = used.size() == (active ? KEYS : KEYS - 1);
        return !rotates || active != isUsed ? HALF : active ? NOT_DONE : DONE;
      }
      case "apply" -> {
        return send("POST", path + "/blacklist").statusCode() == 200 ? DONE : 1;
      }
      default -> {
        return send("DELETE", path + "/blacklist").statusCode() == 200 ? DONE : 1;
      }
    }
  }

  private int syntheticFault(String verb) throws IOException {
    Path file = BackendApplication.syntheticFault(world);
    switch (verb) {
      case "check" -> {
        return Files.exists(file) ? DONE : NOT_DONE;
      }
      case "apply" -> Files.writeString(file, "");
      default -> Files.deleteIfExists(file);
    }
    return DONE;
  }

  private HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return send("GET", path);
  }

  private HttpResponse<String> send(String method, String path)
      throws IOException, InterruptedException {
    return client.send(
        HttpRequest.newBuilder(application.resolve(path))
            .header("X-User", "belay-new")
            .method(method, HttpRequest.BodyPublishers.noBody())
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private static int run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).inheritIO().start();
    if (!process.waitFor(2, TimeUnit.MINUTES)) {
      process.destroyForcibly();
      return 1;
    }
    return process.exitValue();
  }

  static void remove(Path directory) throws IOException {
    if (Files.exists(directory)) {
      try (Stream<Path> files = Files.walk(directory)) {
        for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }
}
