package io.belay.capability.outbox;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.belay.target.HttpTarget;
import io.belay.target.Secret;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;

/** A server that takes events and keeps each in the order in which they arrive. */
final class EventReceiver implements AutoCloseable {

  /**
   * @param attempt fencing number of the attempt that sent it
   */
  record Received(long id, String aggregate, long attempt, JsonNode event) {}

  private static final ObjectMapper JSON = new ObjectMapper();

  private final HttpServer server;
  private final List<Received> offered = new CopyOnWriteArrayList<>();
  private final List<Received> accepted = new CopyOnWriteArrayList<>();
  private volatile Function<Received, Integer> answer = event -> 204;
  private volatile Consumer<Received> arrived = event -> {};

  EventReceiver() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/events", this::receive);
    server.start();
  }

  private void receive(HttpExchange exchange) throws IOException {
    JsonNode event = JSON.readTree(exchange.getRequestBody());
    var received =
        new Received(
            event.path("id").asLong(),
            event.path("subject").asText(),
            Long.parseLong(exchange.getRequestHeaders().getFirst("X-Belay-Fence")),
            event);
    int status = answer.apply(received);
    offered.add(received);
    if (status < 300) {
      accepted.add(received);
    }
    arrived.accept(received);
    exchange.sendResponseHeaders(status, -1);
    exchange.close();
  }

  /** From now on, each event is answered with that status; below 300 it is accepted. */
  void answers(Function<Received, Integer> status) {
    answer = status;
  }

  /** Called for each event before it is answered. */
  void onArrival(Consumer<Received> action) {
    arrived = action;
  }

  int port() {
    return server.getAddress().getPort();
  }

  HttpTarget target() {
    return target(port());
  }

  static HttpTarget target(int port) {
    return new HttpTarget(
        URI.create("http://127.0.0.1:" + port),
        Map.of("Authorization", Secret.of("Bearer hidden-token")),
        Duration.ofSeconds(5),
        null,
        null,
        null,
        null,
        null,
        Map.of(),
        Map.of(),
        List.of());
  }

  List<Received> accepted() {
    return accepted;
  }

  List<Long> acceptedIds() {
    return accepted.stream().map(Received::id).toList();
  }

  List<Long> offeredIds() {
    return offered.stream().map(Received::id).toList();
  }

  /** Ids by aggregate, in the order of arrival. */
  Map<String, List<Long>> byAggregate() {
    return accepted.stream()
        .collect(
            Collectors.groupingBy(
                Received::aggregate,
                LinkedHashMap::new,
                Collectors.mapping(Received::id, Collectors.toList())));
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
