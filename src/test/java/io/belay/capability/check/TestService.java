package io.belay.capability.check;

import io.belay.gateway.TestBackend;
import io.belay.target.Secret;
import io.belay.target.ServiceTarget;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** A real HTTP service whose answers a test chooses by path, with a metrics document that grows. */
final class TestService implements AutoCloseable {

  final Map<String, Integer> status = new ConcurrentHashMap<>();
  final AtomicInteger requests = new AtomicInteger();
  volatile int delayMs;
  volatile Duration timeout = Duration.ofMillis(500);
  volatile String metrics = "";

  /** What it tells instead, at each reading. */
  volatile Supplier<String> tells;

  volatile double processedPerReceived = 1;
  private final TestBackend backend;

  TestService() throws IOException {
    backend =
        new TestBackend(
            exchange -> {
              String path = exchange.getRequestURI().getPath();
              if (path.equals("/metrics")) {
                TestBackend.text(exchange, status.getOrDefault(path, 200), metrics());
                return;
              }
              requests.incrementAndGet();
              TimeUnit.MILLISECONDS.sleep(delayMs);
              TestBackend.text(exchange, status.getOrDefault(path, 200), "ok");
            });
  }

  private String metrics() {
    if (tells != null) {
      return tells.get();
    }
    if (!metrics.isEmpty()) {
      return metrics;
    }
    int received = requests.get();
    return """
        {"requests":%d,"errors":0,"messagesReceived":%d,"messages_processed":%d,"p95_ms":3,
         "pool":{"used":3,"max":10},"redis_up":true,
         "memory_ratio":0.5,"cpu_ratio":0.25,"disk_ratio":0.75}"""
        .formatted(received, received, (int) (received * processedPerReceived));
  }

  URI url() {
    return backend.address();
  }

  ServiceTarget target(String log, List<String> endpoints, List<String> integrations) {
    return new ServiceTarget(
        url(),
        "/health",
        "/ready",
        "/metrics",
        log,
        endpoints,
        null,
        Secret.none(),
        integrations,
        null,
        null,
        null,
        Duration.ofSeconds(1),
        timeout,
        List.of());
  }

  ServiceTarget target() {
    return target(null, List.of("/a", "/b"), List.of());
  }

  @Override
  public void close() {
    backend.close();
  }
}
