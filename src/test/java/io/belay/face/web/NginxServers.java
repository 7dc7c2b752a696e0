package io.belay.face.web;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** Three nginx with a certificate each, and an authority that clients trust. */
final class NginxServers {

  /** A certificate that clients take. */
  static final String GOOD = "good";

  /** One that is signed by nobody whom they trust. */
  static final String UNTRUSTED = "untrusted";

  private static final int COUNT = 3;
  private static final Path NGINX = Path.of("/usr/sbin/nginx");
  private static final Path OPENSSL = Path.of("/usr/bin/openssl");
  private static final List<Integer> PORTS = freePorts();

  private final Path directory;
  private final List<Process> processes = new ArrayList<>();

  private NginxServers(Path directory) {
    this.directory = directory;
  }

  /** Whether Debian's packages nginx and openssl are installed. */
  static boolean areHere() {
    return Files.isExecutable(NGINX) && Files.isExecutable(OPENSSL);
  }

  /** What the environment's file needs to know. */
  static Map<String, String> settings(Path directory) {
    Map<String, String> settings = new TreeMap<>();
    settings.put("CERTIFICATE_SERVERS", directory.toAbsolutePath().toString());
    for (int number = 1; number <= COUNT; number++) {
      settings.put("CERTIFICATE_PORT_" + number, String.valueOf(PORTS.get(number - 1)));
    }
    return settings;
  }

  /** Free ones; nginx cannot tell which port it took. */
  private static List<Integer> freePorts() {
    List<Integer> ports = new ArrayList<>();
    List<ServerSocket> sockets = new ArrayList<>();
    try {
      for (int number = 1; number <= COUNT; number++) {
        ServerSocket socket = new ServerSocket(0);
        sockets.add(socket);
        ports.add(socket.getLocalPort());
      }
      for (ServerSocket socket : sockets) {
        socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return ports;
  }

  static NginxServers start(Path directory) throws IOException, InterruptedException {
    NginxServers servers = new NginxServers(directory);
    servers.authority("ca");
    servers.authority("stranger");
    for (int number = 1; number <= COUNT; number++) {
      Path server = Files.createDirectories(servers.server(number).resolve("tls")).getParent();
      servers.issue("ca", server.resolve("tls"));
      Files.writeString(server.resolve("nginx.conf"), configuration(PORTS.get(number - 1)));
      servers.processes.add(
          new ProcessBuilder(NGINX.toString(), "-p", server + "/", "-c", "nginx.conf")
              .redirectErrorStream(true)
              .redirectOutput(server.resolve("output.log").toFile())
              .start());
    }
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> servers.served().stream().allMatch(s -> !s.isBlank()));
    return servers;
  }

  private Path server(int number) {
    return directory.resolve("web-" + number);
  }

  private static String configuration(int port) {
    return """
        daemon off;
        pid nginx.pid;
        error_log error.log notice;
        events {}
        http {
          access_log off;
          client_body_temp_path tmp-body;
          proxy_temp_path tmp-proxy;
          fastcgi_temp_path tmp-fastcgi;
          uwsgi_temp_path tmp-uwsgi;
          scgi_temp_path tmp-scgi;
          server {
            listen 127.0.0.1:%d ssl;
            ssl_certificate tls/server.crt;
            ssl_certificate_key tls/server.key;
            location / { return 200 "hello"; }
          }
        }
        """
        .formatted(port);
  }

  /** Puts the next certificate of each server beside it; the last kind counts for the rest. */
  void offer(String... kinds) throws IOException, InterruptedException {
    for (int number = 1; number <= COUNT; number++) {
      String kind = kinds[Math.min(number, kinds.length) - 1];
      Path next = Files.createDirectories(server(number).resolve("next"));
      if (kind.equals(GOOD) && number > 1) {
        for (String file : List.of("server.crt", "server.key")) {
          Files.copy(
              server(1).resolve("next").resolve(file),
              next.resolve(file),
              StandardCopyOption.REPLACE_EXISTING);
        }
      } else {
        issue(kind.equals(GOOD) ? "ca" : "stranger", next);
      }
      Files.writeString(server(number).resolve("error.log"), "");
    }
  }

  /** Fingerprint of the certificate that the first server was offered. */
  String offered() throws IOException, InterruptedException {
    return openssl("x509 -noout -fingerprint -sha256 -in " + server(1).resolve("next/server.crt"));
  }

  /** Fingerprints of what the servers show to a client. */
  List<String> served() throws IOException, InterruptedException {
    List<String> served = new ArrayList<>();
    for (int port : PORTS) {
      served.add(
          run(
              List.of(
                  "sh",
                  "-c",
                  "openssl s_client -connect 127.0.0.1:%d </dev/null 2>/dev/null | openssl x509 -noout -fingerprint -sha256 2>/dev/null || true"
                      .formatted(port))));
    }
    return served;
  }

  /** How often each server was told to read its files again since the last offer. */
  List<Long> reloads() throws IOException {
    List<Long> reloads = new ArrayList<>();
    for (int number = 1; number <= COUNT; number++) {
      try (var lines = Files.lines(server(number).resolve("error.log"))) {
        reloads.add(lines.filter(line -> line.contains("(SIGHUP) received")).count());
      }
    }
    return reloads;
  }

  private void authority(String name) throws IOException, InterruptedException {
    openssl(
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj /CN=%s -keyout %s -out %s"
            .formatted(name, directory.resolve(name + ".key"), directory.resolve(name + ".crt")));
  }

  private void issue(String authority, Path to) throws IOException, InterruptedException {
    Path request = to.resolve("server.csr");
    openssl(
        "req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=localhost -addext subjectAltName=DNS:localhost -keyout %s -out %s"
            .formatted(to.resolve("server.key"), request));
    openssl(
        "x509 -req -in %s -CA %s -CAkey %s -CAcreateserial -days 20 -copy_extensions copy -out %s"
            .formatted(
                request,
                directory.resolve(authority + ".crt"),
                directory.resolve(authority + ".key"),
                to.resolve("server.crt")));
  }

  private static String openssl(String arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(OPENSSL.toString()));
    command.addAll(List.of(arguments.split(" ")));
    return run(command);
  }

  private static String run(List<String> command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes());
    if (process.waitFor() != 0) {
      throw new IOException(command + ": " + output);
    }
    return output.strip();
  }

  void close() throws InterruptedException {
    for (Process process : processes) {
      process.destroy();
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    }
  }
}
