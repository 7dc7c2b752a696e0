package io.belay.face.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import io.belay.capability.rollout.HaproxyProcess;
import io.belay.playground.EmbeddedServers;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/**
 * A runbook of one's own out of shared phases (docs/shop.md): an application with a PostgreSQL
 * database and nothing else, behind a real HAProxy, with users.
 */
@WebTest
@OwnBelay
@Timeout(300)
@EnabledIf(
    value = "io.belay.capability.rollout.HaproxyProcess#isHere",
    disabledReason = "haproxy is not installed")
class ShopIT {

  private static final Path EXAMPLE = Path.of("examples/shop/processes");
  private static final LawWorld WORLD = new LawWorld("shop");
  private static final int USERS = 4;
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  private static HttpServer old;
  private static HttpServer fresh;
  private static EmbeddedPostgres postgres;
  private static HaproxyProcess haproxy;
  private static ScheduledExecutorService users;
  private static volatile boolean broken;

  @Autowired Caller caller;

  @DynamicPropertySource
  static void shop(DynamicPropertyRegistry properties) throws IOException, SQLException {
    WORLD.copyAll(LawWorld.DELIVERED.resolve("phases"), "processes/phases");
    WORLD.copyAll(LawWorld.DELIVERED.resolve("decisions"), "processes/decisions");
    WORLD.copyAll(LawWorld.DELIVERED.resolve("forms"), "processes/forms");
    WORLD.copyAll(EXAMPLE, "processes");
    old = version(false);
    fresh = version(true);
    postgres = EmbeddedServers.postgres().start();
    try (Connection connection = postgres.getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(
          """
          create table orders as select 'paid' as state, now() as placed
          union all select 'stuck', now() - interval '1 day' from generate_series(1, 3)
          """);
    }
    haproxy =
        HaproxyProcess.withServers(
            WORLD.directory().toAbsolutePath(),
            """
            server shop-v1 %s weight 100
            server shop-v2 %s weight 0
            """
                .formatted(address(old), address(fresh)));
    Files.createDirectories(WORLD.directory().resolve("environments"));
    Files.writeString(
        WORLD.directory().resolve("environments/test.yml"),
        """
        description: The shop
        targets:
          orders:
            type: postgres
            protected: true
            host: localhost
            port: %1$d
            database: postgres
            username: postgres
            password: postgres
          shop-v1:
            type: service
            url: http://%2$s
            endpoints: [/orders]
          shop-v2:
            type: service
            url: http://%3$s
            endpoints: [/orders]
            start: {arguments: [touch, %4$s]}
            stop: {arguments: [rm, -f, %4$s]}
            running: {arguments: [test, -e, %4$s]}
          haproxy:
            type: router
            protected: true
            kind: haproxy
            url: http://127.0.0.1:%5$d
            admin: %6$s
            backend: main
            baseline: shop-v1
            candidate: shop-v2
        """
            .formatted(
                postgres.getPort(),
                address(old),
                address(fresh),
                started(),
                haproxy.port,
                haproxy.target().admin()));
    // At 10 % the comparison needs 230 requests on the new version within its windows.
    users = Executors.newScheduledThreadPool(USERS);
    for (int user = 0; user < USERS; user++) {
      users.scheduleWithFixedDelay(ShopIT::buy, 0, 5, TimeUnit.MILLISECONDS);
    }
    WORLD.use(properties);
  }

  private static HttpServer version(boolean canBreak) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          boolean fails = canBreak && broken && exchange.getRequestURI().getPath().equals("/buy");
          exchange.sendResponseHeaders(fails ? 503 : 200, -1);
          exchange.close();
        });
    server.setExecutor(Executors.newCachedThreadPool());
    server.start();
    return server;
  }

  private static String address(HttpServer server) {
    return "127.0.0.1:" + server.getAddress().getPort();
  }

  private static Path started() {
    return WORLD.directory().resolve("shop-v2-runs").toAbsolutePath();
  }

  private static void buy() {
    try {
      URI buy = URI.create("http://127.0.0.1:" + haproxy.port + "/buy");
      CLIENT.send(HttpRequest.newBuilder(buy).build(), HttpResponse.BodyHandlers.discarding());
    } catch (IOException | InterruptedException e) {
      // the next one tries again
    }
  }

  @AfterEach
  void mend() {
    broken = false;
  }

  @AfterAll
  static void close() throws IOException {
    users.shutdownNow();
    haproxy.close();
    postgres.close();
    old.stop(0);
    fresh.stop(0);
  }

  @Test
  void newVersionThatServesItsUsers_getsAllTraffic_behindAVerifiedBackup() {
    String run = start();

    caller.awaitStatus(run, "COMPLETED");
    assertThat(started()).exists();
    String journal = caller.get("vera", "/api/runs/" + run + "/journal?limit=500").is(200).text();
    assertThat(journal)
        .contains("1 backups verified: readable to the end")
        .contains("All criteria are met by")
        .contains("1 orders paid, 0 stuck")
        .doesNotContain("redis-backup");
  }

  @Test
  void newVersionThatFailsItsUsers_isRolledBack() {
    broken = true;
    String run = start();

    JsonNode view = caller.awaitStatus(run, "ROLLED_BACK");
    assertThat(view.path("reason").asText()).startsWith("Error rate (5xx) is ");
    assertThat(started()).doesNotExist();
  }

  /** Up to the decision of somebody else, and past it. */
  private String start() {
    String run = caller.start("shop", "\"window\":\"PT8S\",\"watchOrders\":\"PT0S\"");
    caller.awaitStatus(run, "WAITING_FOR_PERSON");
    String form = caller.get("anna", "/api/tasks?run=" + run).is(200).text();
    assertThat(form).contains("Roll out the new version of the shop?");
    caller
        .post(
            "anna",
            "/api/tasks/" + caller.openTask(run) + "/complete",
            "{\"values\":{\"decision\":\"go\",\"reason\":\"as you see\"}}")
        .is(204);
    return run;
  }
}
