package io.belay.face.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.belay.playground.Scratch;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;
import org.apache.coyote.AbstractProtocol;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tomcat with as many threads as there are places for slow clients, four times. */
@Timeout(120)
class BoundedAnswersTest {

  private static final int PLACES = 4;
  private static final int LARGE = 16 * 1024 * 1024;

  private final Tomcat tomcat = new Tomcat();
  private final Connector connector = new Connector(HeaderDeadline.class.getName());
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();
  private final ScheduledExecutorService taking = Executors.newScheduledThreadPool(1);
  private final AtomicInteger answering = new AtomicInteger();

  @BeforeEach
  void start() throws Exception {
    tomcat.setBaseDir(Scratch.directory("answers").toString());
    connector.setPort(0);
    AbstractProtocol<?> protocol = (AbstractProtocol<?>) connector.getProtocolHandler();
    protocol.setAddress(InetAddress.getLoopbackAddress());
    protocol.setMaxThreads(4 * PLACES);
    tomcat.setConnector(connector);
    var context = tomcat.addContext("", null);
    Tomcat.addServlet(context, "any", new Answers()).setAsyncSupported(true);
    context.addServletMappingDecoded("/", "any");
    tomcat.start();
  }

  @AfterEach
  void stop() throws Exception {
    taking.shutdownNow();
    for (Socket socket : sockets) {
      socket.close();
    }
    tomcat.stop();
    tomcat.destroy();
  }

  private final class Answers extends HttpServlet {

    private static final long serialVersionUID = 1;

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response)
        throws IOException {
      int length = Integer.parseInt(request.getParameter("length"));
      answering.incrementAndGet();
      try {
        byte[] piece = new byte[64 * 1024];
        for (int sent = 0; sent < length; sent += piece.length) {
          response.getOutputStream().write(piece);
        }
      } finally {
        answering.decrementAndGet();
      }
    }
  }

  private Socket ask(int length) throws IOException {
    Socket socket = new Socket();
    socket.setReceiveBufferSize(4096);
    socket.connect(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), connector.getLocalPort()));
    sockets.add(socket);
    socket
        .getOutputStream()
        .write(
            "GET /?length=%d HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                .formatted(length)
                .getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  private Duration small() throws Exception {
    long began = System.nanoTime();
    var answer =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(
                        URI.create(
                            "http://127.0.0.1:%d/?length=1".formatted(connector.getLocalPort())))
                    .timeout(Duration.ofSeconds(60))
                    .build(),
                BodyHandlers.ofByteArray());
    assertThat(answer.statusCode()).isEqualTo(200);
    return Duration.ofNanos(System.nanoTime() - began);
  }

  /** Nothing, one byte a second, or less than they must. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 8_000})
  void slowClients_holdAQuarterOfTheThreads_andAreCutOff(int bytesASecond) throws Exception {
    for (int i = 0; i < 10 * PLACES; i++) {
      ask(LARGE);
    }
    taking.scheduleAtFixedRate(() -> take(bytesASecond), 1, 1, TimeUnit.SECONDS);
    await().atMost(Duration.ofSeconds(5)).until(() -> answering.get() == PLACES);
    assertThat(small()).isLessThan(Duration.ofSeconds(1));
    await().atMost(Duration.ofSeconds(40)).until(() -> answering.get() == 0);
    taking.shutdown();
    assertThat(taking.awaitTermination(5, TimeUnit.SECONDS)).isTrue();
    for (Socket socket : sockets) {
      assertThat(rest(socket)).isLessThan(LARGE);
    }
    assertThat(answering).hasValue(0);
  }

  private void take(int bytes) {
    for (Socket socket : sockets) {
      try {
        socket.getInputStream().readNBytes(Math.min(bytes, socket.getInputStream().available()));
      } catch (IOException cutOff) {
        // as they should be
      }
    }
  }

  /** How many bytes come before the connection's end, which must come at once. */
  private static long rest(Socket socket) throws IOException {
    socket.setSoTimeout(1_000);
    byte[] buffer = new byte[64 * 1024];
    long sum = 0;
    try {
      for (int count = 0; count >= 0; count = socket.getInputStream().read(buffer)) {
        sum += count;
      }
    } catch (SocketException reset) {
      // the rest was thrown away
    }
    return sum;
  }

  @Test
  void placesAreFreeAgain_afterSlowClientsAreGone() throws Exception {
    for (int round = 0; round < 3; round++) {
      for (int i = 0; i < PLACES; i++) {
        ask(LARGE);
      }
      await().until(() -> answering.get() == PLACES);
      small(); // a moment, in which they take their places
      for (Socket socket : sockets) {
        socket.close();
      }
      sockets.clear();
      await().atMost(Duration.ofSeconds(5)).until(() -> answering.get() == 0);
    }
  }

  /** On a slow line, but as fast as a client must be, for longer than the grace. */
  @Test
  void answerThatIsTakenSteadily_comesWhole() throws Exception {
    Socket socket = ask(LARGE);
    byte[] piece = new byte[64 * 1024];
    long taken = 0;
    long slowly = 20 * 40 * 1024; // 20 s long, then as fast as it goes
    for (int count = 0; count >= 0; count = socket.getInputStream().read(piece)) {
      taken += count;
      if (taken < slowly && count > 0) {
        await().pollDelay(Duration.ofMillis(1 + count / 40)).until(() -> true);
      }
    }
    assertThat(taken).isGreaterThan(LARGE);
  }
}
