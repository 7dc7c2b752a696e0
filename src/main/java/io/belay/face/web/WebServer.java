package io.belay.face.web;

import io.belay.file.PrivateFiles;
import io.belay.target.InvalidSetting;
import jakarta.servlet.ServletException;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.Set;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.apache.coyote.AbstractProtocol;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.web.embedded.tomcat.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.stereotype.Component;

/**
 * Configures Tomcat so that no client can keep Belay from serving others: limits for {@linkplain
 * HeaderDeadline headers} and {@linkplain RequestBodies bodies}, a port of its own for health, with
 * threads of its own, and a private directory.
 */
@Component
class WebServer implements WebServerFactoryCustomizer<TomcatServletWebServerFactory> {

  private static final Set<String> HEALTH =
      Set.of("/actuator/health", "/actuator/health/liveness", "/actuator/health/readiness");

  private final String directory;
  private final int threads;
  private final Integer healthPort;
  private final InetAddress address;

  /**
   * @param directory empty: Spring Boot creates a temporary one, which is private
   * @param healthPort null: health answers only on the main port; 0: any free port
   * @param address null: all addresses of the machine
   */
  WebServer(
      @Value("${server.tomcat.basedir:}") String directory,
      @Value("${server.tomcat.threads.max:200}") int threads,
      @Value("${belay.health.port:#{null}}") Integer healthPort,
      @Value("${server.address:#{null}}") InetAddress address) {
    this.directory = directory;
    this.threads = threads;
    this.healthPort = healthPort;
    this.address = address;
  }

  @Override
  public void customize(TomcatServletWebServerFactory server) {
    if (!directory.isEmpty()) {
      makePrivate();
    }
    server.setProtocol(HeaderDeadline.class.getName());
    if (healthPort != null) {
      Connector health = healthConnector();
      server.addAdditionalTomcatConnectors(health);
      server.addEngineValves(new HealthOnly(health));
    }
    server.addEngineValves(
        new RequestBodies(Math.max(1, threads / 4), Runtime.getRuntime().maxMemory() / 8));
  }

  private void makePrivate() {
    try {
      PrivateFiles.claim(Path.of(directory));
      // Tomcat would create it later, with the umask's permissions.
      PrivateFiles.directories(Path.of(directory, "work", "Tomcat", "localhost", "ROOT"));
    } catch (IOException e) {
      throw new InvalidSetting(
          "server.tomcat.basedir: %s cannot be made: %s".formatted(directory, e.getMessage()), e);
    }
  }

  private Connector healthConnector() {
    Connector connector = new Connector(HeaderDeadline.class.getName());
    connector.setPort(healthPort);
    AbstractProtocol<?> protocol = (AbstractProtocol<?>) connector.getProtocolHandler();
    protocol.setAddress(address);
    protocol.setMinSpareThreads(1);
    protocol.setMaxThreads(4);
    protocol.setConnectionTimeout(2_000);
    protocol.setMaxConnections(200);
    return connector;
  }

  /** Lets nothing but health through one connector. */
  private static final class HealthOnly extends ValveBase {

    private final Connector health;

    HealthOnly(Connector health) {
      super(true);
      this.health = health;
    }

    @Override
    public void invoke(Request request, Response response) throws IOException, ServletException {
      if (request.getConnector() == health && !isHealth(request)) {
        response.setStatus(404);
        RequestBodies.close(request, response);
      } else {
        getNext().invoke(request, response);
      }
    }

    private static boolean isHealth(Request request) {
      return request.getMethod().equals("GET")
          && HEALTH.contains(request.getRequestURI())
          && !RequestBodies.hasBody(request);
    }
  }
}
