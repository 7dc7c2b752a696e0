package io.belay.gateway;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/**
 * The strangler gateway: takes the users' requests on one port and splits them between the old and
 * the new version; a second port administers it ({@link AdministrationApi}). It does not need Belay
 * at run time, and goes on routing with its last table when Belay is down.
 *
 * <p>Start: {@code java -cp … io.belay.gateway.Gateway <file.yml>} ({@link GatewayConfiguration}).
 * SIGTERM lets the requests in flight finish, for at most 30 seconds.
 */
public final class Gateway implements AutoCloseable {

  private static final Duration MARK_EVERY = Duration.ofSeconds(5);
  private static final Duration STOP_WITHIN = Duration.ofSeconds(30);

  private final Traffic traffic;
  private final ServerHealth health;
  private final Tunnels tunnels;
  private final StranglerProxy proxy;
  private final Server front;
  private final Server administration;
  private final ScheduledExecutorService clock;

  private Gateway(GatewayConfiguration configuration, RoutingStore routing) {
    clock =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "gateway-clock");
              thread.setDaemon(true);
              return thread;
            });
    tunnels = new Tunnels(routing, configuration.webSocketRestart(), clock);
    traffic = new Traffic(configuration.servers(), configuration.window());
    health =
        new ServerHealth(
            configuration.servers().values(),
            configuration.checkPath(),
            configuration.connectTimeout());
    proxy = new StranglerProxy(configuration, routing, traffic, health, tunnels);
    front =
        server(
            "gateway",
            configuration.listen(),
            proxy,
            // Longer than the backend's time-out, so that this is reported as 504.
            configuration.timeout().plusSeconds(30));
    administration =
        server(
            "administration",
            configuration.admin(),
            new AdministrationApi(configuration.token(), routing, traffic, health, tunnels),
            Duration.ofSeconds(30));
    clock.scheduleAtFixedRate(
        traffic::mark, MARK_EVERY.toSeconds(), MARK_EVERY.toSeconds(), TimeUnit.SECONDS);
  }

  /**
   * Starts a gateway in this process.
   *
   * @param variables as of {@link System#getenv()}
   * @throws Exception naming what is wrong in the configuration or the saved routes, or which port
   *     is taken
   */
  public static Gateway start(Path file, Map<String, String> variables) throws Exception {
    GatewayConfiguration configuration = GatewayConfiguration.load(file, variables);
    RoutingStore routing =
        RoutingStore.open(
            configuration.state(),
            configuration.servers(),
            configuration.sticky().isOn(),
            configuration.initialRoutes());
    Gateway gateway = new Gateway(configuration, routing);
    try {
      gateway.front.start();
      gateway.administration.start();
    } catch (Exception e) {
      gateway.close();
      throw e;
    }
    return gateway;
  }

  public static void main(String[] arguments) throws Exception {
    String file = arguments.length > 0 ? arguments[0] : System.getenv("BELAY_GATEWAY_CONFIG");
    if (file == null) {
      System.err.println("usage: io.belay.gateway.Gateway <file.yml>, or set BELAY_GATEWAY_CONFIG");
      System.exit(2);
    }
    try {
      Gateway gateway = start(Path.of(file), System.getenv());
      Runtime.getRuntime().addShutdownHook(new Thread(gateway::close, "gateway-stop"));
      System.out.printf(
          "gateway on port %d, administration on port %d%n",
          gateway.port(), gateway.administrationPort());
      gateway.front.join();
    } catch (Exception e) {
      System.err.println("the gateway does not start: " + e.getMessage());
      System.exit(1);
    }
  }

  /** The port for users' traffic. */
  public int port() {
    return ((ServerConnector) front.getConnectors()[0]).getLocalPort();
  }

  public int administrationPort() {
    return ((ServerConnector) administration.getConnectors()[0]).getLocalPort();
  }

  /**
   * Accepts no new connections, asks open ones to close after their next answer, closes the
   * WebSockets with 1012, waits (at most 30 seconds) until nothing is in flight, then stops. The
   * administration API answers until the end. Safe to repeat.
   */
  @Override
  public void close() {
    health.close();
    proxy.closeConnectionsAfterAnswer();
    try {
      ((ServerConnector) front.getConnectors()[0]).close();
      tunnels.restart();
      long deadline = System.nanoTime() + STOP_WITHIN.toNanos();
      while (traffic.inFlight() > 0 && System.nanoTime() < deadline) {
        TimeUnit.MILLISECONDS.sleep(20);
      }
      tunnels.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    for (Server server : new Server[] {front, administration}) {
      try {
        server.stop();
      } catch (Exception e) {
        System.err.println("while stopping: " + e);
      }
    }
    clock.shutdownNow();
  }

  private static Server server(String name, String address, Handler handler, Duration idle) {
    GatewayConfiguration.Address where = GatewayConfiguration.Address.parse(address);
    QueuedThreadPool threads = new QueuedThreadPool();
    threads.setName(name);
    Server server = new Server(threads);
    HttpConfiguration http = new HttpConfiguration();
    http.setSendServerVersion(false);
    http.setSendDateHeader(false);
    http.setHeaderCacheCaseSensitive(true);
    http.setRequestHeaderSize(64 * 1024);
    http.setResponseHeaderSize(64 * 1024);
    // A proxy passes paths on as they are; the application judges them.
    http.setUriCompliance(UriCompliance.UNSAFE);
    ServerConnector connector = new ServerConnector(server, new HttpConnectionFactory(http));
    connector.setHost(where.host());
    connector.setPort(where.port());
    connector.setIdleTimeout(idle.toMillis());
    server.addConnector(connector);
    server.setHandler(handler);
    return server;
  }
}
