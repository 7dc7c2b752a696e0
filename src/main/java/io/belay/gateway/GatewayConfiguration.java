package io.belay.gateway;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The gateway's configuration: a YAML file, which environment variables override.
 *
 * <pre>
 * listen: 0.0.0.0:8080            # BELAY_GATEWAY_LISTEN; port 0 takes a free one
 * admin: 127.0.0.1:8081           # BELAY_GATEWAY_ADMIN
 * tokenFile: /run/secrets/token   # BELAY_GATEWAY_TOKEN_FILE, or the token in BELAY_GATEWAY_TOKEN
 * state: /var/lib/belay/routes.json   # BELAY_GATEWAY_STATE
 * timeoutSeconds: 30              # without a byte from the backend: 504
 * connectTimeoutSeconds: 2
 * maxInFlight: 1000               # above it 503; default: one for each 512 KB of heap
 * maxWebSockets: 10000            # above it 503; default: one for each 64 KB of heap, at most 20,000
 * checkPath: /health             # each second every server must answer 2xx; default: take a connection
 * sticky: { header: X-User-Id }   # or { cookie: session }; shared: true for one split of all routes
 * webSocketRestartSeconds: 10     # on a rollback, the candidate's are closed over this time
 * trustedProxies: [10.0.0.0/8]    # whose X-Forwarded-* and Forwarded count; default: nobody's
 * backends:
 *   v1: { v1-1: "http://10.0.0.1:3000", v1-2: "http://10.0.0.2:3000" }
 *   v2: { v2-1: "http://10.0.0.3:3000" }
 * routes:                         # only the first start reads them; then the state file counts
 *   - { path: /, baseline: v1, candidate: v2, weight: 0 }   # percent, steps of 0.01
 *     # atZero: drain lets sticky users who are on the candidate stay at weight 0; default: cut
 * </pre>
 *
 * @param token of the administration API; never read from the YAML file itself
 */
record GatewayConfiguration(
    String listen,
    String admin,
    Path tokenFile,
    Path state,
    Integer timeoutSeconds,
    Integer connectTimeoutSeconds,
    Integer maxInFlight,
    Integer maxWebSockets,
    Integer windowSeconds,
    String checkPath,
    Integer webSocketRestartSeconds,
    Sticky sticky,
    List<String> trustedProxies,
    Map<String, Map<String, URI>> backends,
    List<Route> routes,
    String token) {

  private static final int SHORTEST_TOKEN = 16;
  private static final long BYTES_PER_REQUEST = 512 * 1024;
  private static final long BYTES_PER_WEB_SOCKET = 64 * 1024;

  /** Linux has 28,000 local ports for the connections to one server, and requests need some. */
  private static final int MOST_WEB_SOCKETS = 20_000;

  GatewayConfiguration {
    listen = listen == null ? "0.0.0.0:8080" : listen;
    admin = admin == null ? "127.0.0.1:8081" : admin;
    state = state == null ? Path.of("routes.json") : state;
    timeoutSeconds = timeoutSeconds == null ? 30 : timeoutSeconds;
    connectTimeoutSeconds = connectTimeoutSeconds == null ? 2 : connectTimeoutSeconds;
    maxInFlight = maxInFlight == null ? roomFor(BYTES_PER_REQUEST, 100_000) : maxInFlight;
    maxWebSockets =
        maxWebSockets == null ? roomFor(BYTES_PER_WEB_SOCKET, MOST_WEB_SOCKETS) : maxWebSockets;
    windowSeconds = windowSeconds == null ? 60 : windowSeconds;
    webSocketRestartSeconds = webSocketRestartSeconds == null ? 10 : webSocketRestartSeconds;
    sticky = sticky == null ? Sticky.NONE : sticky;
    trustedProxies = trustedProxies == null ? List.of() : trustedProxies;
    backends = backends == null ? Map.of() : backends;
    routes = routes == null ? List.of() : routes;
  }

  /** How many items of this size, buffers included, fit into the heap; at most {@code most}. */
  private static int roomFor(long bytes, int most) {
    return (int) Math.min(Runtime.getRuntime().maxMemory() / bytes, most);
  }

  /** A host and a port. */
  record Address(String host, int port) {

    static Address parse(String text) {
      int colon = text.lastIndexOf(':');
      try {
        int port = Integer.parseInt(text.substring(colon + 1));
        if (colon > 0 && port >= 0 && port <= 65535) {
          return new Address(text.substring(0, colon), port);
        }
      } catch (NumberFormatException e) {
        // Falls through to the message that names the whole value.
      }
      throw new IllegalArgumentException("'%s' is not host:port".formatted(text));
    }
  }

  /**
   * @throws IllegalArgumentException naming every mistake
   */
  static GatewayConfiguration load(Path file, Map<String, String> variables) throws IOException {
    YAMLMapper yaml =
        YAMLMapper.builder().enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();
    GatewayConfiguration read = yaml.readValue(file.toFile(), GatewayConfiguration.class);
    if (read.token() != null) {
      throw new IllegalArgumentException(
          file + ": a token does not belong into this file; use tokenFile or BELAY_GATEWAY_TOKEN");
    }
    String tokenFile = variables.get("BELAY_GATEWAY_TOKEN_FILE");
    Path secret = tokenFile == null ? read.tokenFile() : Path.of(tokenFile);
    String token = variables.get("BELAY_GATEWAY_TOKEN");
    if (token == null && secret != null) {
      token = Files.readString(secret).strip();
    }
    GatewayConfiguration configuration =
        new GatewayConfiguration(
            variables.getOrDefault("BELAY_GATEWAY_LISTEN", read.listen()),
            variables.getOrDefault("BELAY_GATEWAY_ADMIN", read.admin()),
            secret,
            Path.of(variables.getOrDefault("BELAY_GATEWAY_STATE", read.state().toString())),
            read.timeoutSeconds(),
            read.connectTimeoutSeconds(),
            read.maxInFlight(),
            read.maxWebSockets(),
            read.windowSeconds(),
            read.checkPath(),
            read.webSocketRestartSeconds(),
            read.sticky(),
            read.trustedProxies(),
            read.backends(),
            read.routes(),
            token);
    configuration.validate(file);
    return configuration;
  }

  Map<String, List<BackendServer>> servers() {
    Map<String, List<BackendServer>> servers = new LinkedHashMap<>();
    backends.forEach(
        (backend, addresses) ->
            servers.put(
                backend,
                addresses.entrySet().stream()
                    .map(entry -> new BackendServer(entry.getKey(), backend, entry.getValue()))
                    .toList()));
    return servers;
  }

  RoutingTable initialRoutes() {
    return new RoutingTable(1, 0, routes, null);
  }

  TrustedProxies trusted() {
    return new TrustedProxies(trustedProxies);
  }

  Duration timeout() {
    return Duration.ofSeconds(timeoutSeconds);
  }

  Duration connectTimeout() {
    return Duration.ofSeconds(connectTimeoutSeconds);
  }

  Duration webSocketRestart() {
    return Duration.ofSeconds(webSocketRestartSeconds);
  }

  Duration window() {
    return Duration.ofSeconds(windowSeconds);
  }

  private void validate(Path file) {
    List<String> mistakes = new ArrayList<>();
    if (token == null || token.length() < SHORTEST_TOKEN) {
      mistakes.add(
          ("the administration API needs a token of at least %d characters, in"
                  + " BELAY_GATEWAY_TOKEN or in the file that tokenFile names")
              .formatted(SHORTEST_TOKEN));
    }
    if (checkPath != null && !isPath(checkPath)) {
      mistakes.add(
          "checkPath '%s' is not a path of a URI: it must begin with one /, and blanks and the like are written as %%20"
              .formatted(checkPath));
    }
    if (sticky.header() != null && sticky.cookie() != null) {
      mistakes.add("sticky: give a header or a cookie, not both");
    }
    if (timeoutSeconds < 1 || connectTimeoutSeconds < 1 || windowSeconds < 1 || maxInFlight < 1) {
      mistakes.add(
          "timeoutSeconds, connectTimeoutSeconds, windowSeconds and maxInFlight must be 1 or more");
    }
    if (webSocketRestartSeconds < 0 || maxWebSockets < 0) {
      mistakes.add("webSocketRestartSeconds and maxWebSockets must be 0 or more");
    }
    List<String> names = new ArrayList<>();
    backends.forEach(
        (backend, addresses) -> {
          if (addresses == null || addresses.isEmpty()) {
            mistakes.add("backend '%s' has no servers".formatted(backend));
            return;
          }
          addresses.forEach(
              (name, address) -> {
                if (names.contains(name)) {
                  mistakes.add("server '%s' is given twice".formatted(name));
                }
                names.add(name);
                if (address == null
                    || address.getHost() == null
                    || !List.of("http", "https").contains(address.getScheme())
                    || !List.of("", "/").contains(address.getPath())) {
                  mistakes.add(
                      "server '%s': %s is not http(s)://host:port".formatted(name, address));
                }
              });
        });
    try {
      trusted();
    } catch (IllegalArgumentException e) {
      mistakes.add(e.getMessage());
    }
    for (String address : List.of(listen, admin)) {
      try {
        Address.parse(address);
      } catch (IllegalArgumentException e) {
        mistakes.add(e.getMessage());
      }
    }
    if (!mistakes.isEmpty()) {
      throw new IllegalArgumentException(file + ": " + String.join("; ", mistakes));
    }
  }

  private static boolean isPath(String text) {
    try {
      URI uri = new URI(text);
      return text.startsWith("/") && uri.getRawAuthority() == null && uri.getFragment() == null;
    } catch (URISyntaxException e) {
      return false;
    }
  }

  @Override
  public String toString() {
    return "gateway %s, administration %s, backends %s".formatted(listen, admin, backends);
  }
}
