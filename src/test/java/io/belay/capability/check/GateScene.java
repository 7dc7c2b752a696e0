package io.belay.capability.check;

import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Two versions of a service, the users who call them through a router, and one fault. */
final class GateScene implements AutoCloseable {

  static final int CLIENTS = 6;

  final FaultyService old = new FaultyService();
  final FaultyService fresh = new FaultyService();

  /** How many clients call, one request after the other. */
  volatile int clients = CLIENTS;

  volatile long pauseMs = 2;
  volatile boolean badRequests;
  volatile boolean abortedRequests;

  /** What happens in the middle of the window. */
  volatile Runnable later = () -> {};

  /** The candidate is up, but no request of the router gets there. */
  volatile boolean outOfReach;

  private final List<Thread> threads = new ArrayList<>();
  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();

  GateScene() throws IOException {}

  /** Users call until the scene is closed. */
  void call(URI router) {
    for (int i = 0; i < clients; i++) {
      start(() -> callOnce(router));
    }
    if (badRequests) {
      start(() -> send(router, "GET /shop?q=100% HTTP/1.1\r\nHost: app\r\n\r\n", false));
    }
    if (abortedRequests) {
      start(
          () ->
              send(
                  router,
                  "POST /shop HTTP/1.1\r\nHost: app\r\nContent-Length: 1000\r\n\r\nhalf",
                  true));
    }
  }

  private void callOnce(URI router) throws InterruptedException {
    try {
      http.send(
          HttpRequest.newBuilder(router.resolve("/shop"))
              .timeout(Duration.ofSeconds(3))
              .POST(BodyPublishers.ofString("a"))
              .build(),
          BodyHandlers.discarding());
    } catch (IOException e) {
      // what a fault is for
    }
  }

  private static void send(URI router, String request, boolean abort) {
    try (Socket socket = new Socket(router.getHost(), router.getPort())) {
      socket.setSoTimeout(1000);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      if (abort) {
        socket.setSoLinger(true, 0);
      } else {
        socket.getInputStream().read();
      }
    } catch (IOException e) {
      // the router may refuse it
    }
  }

  private interface Call {
    void once() throws InterruptedException;
  }

  private void start(Call call) {
    Thread thread =
        new Thread(
            () -> {
              try {
                while (!Thread.currentThread().isInterrupted()) {
                  call.once();
                  TimeUnit.MILLISECONDS.sleep(pauseMs);
                }
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            "user");
    thread.setDaemon(true);
    thread.start();
    threads.add(thread);
  }

  @Override
  public void close() {
    threads.forEach(Thread::interrupt);
    old.close();
    fresh.close();
  }
}
