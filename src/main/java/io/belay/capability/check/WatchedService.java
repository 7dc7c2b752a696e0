package io.belay.capability.check;

import io.belay.capability.check.ServiceLocations.Location;
import io.belay.target.Endpoint;
import io.belay.target.HttpProbe;
import io.belay.target.Masking;
import io.belay.target.RouterStatistics;
import io.belay.target.ServiceTarget;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * One service while it is measured, wherever it is: its probes, its metrics, its integrations, its
 * log.
 */
final class WatchedService implements AutoCloseable {

  private final String name;
  private final ServiceTarget target;
  private final Masking masking;
  private final HttpProbe http;
  private final List<Location> locations;
  private final List<Endpoint> endpoints;
  private final LogWatch log;
  private final ProbeSeries probes;
  private final MetricsSeries metrics = new MetricsSeries();
  private final List<CompletableFuture<Void>> pending = new ArrayList<>();
  private volatile int integrationsDown;
  private volatile int errorLines;
  private volatile String metricsProblem;

  /**
   * @param locations at least one
   */
  WatchedService(String name, ServiceTarget target, List<Location> locations, HttpProbe http)
      throws IOException {
    this.name = name;
    this.locations = locations;
    this.target = target;
    this.masking = Masking.of(target.secrets());
    this.http = http;
    this.endpoints =
        Endpoint.parse(
            target.endpoints().isEmpty() ? List.of(target.health()) : target.endpoints());
    this.log =
        target.log() == null || target.log().isBlank() ? null : new LogWatch(Path.of(target.log()));
    this.probes = new ProbeSeries(target.timeout());
  }

  /** Sends one request to each endpoint and does not wait: a slow service is probed as often. */
  void probe() {
    pending.removeIf(CompletableFuture::isDone);
    for (Location location : locations) {
      for (Endpoint endpoint : endpoints) {
        pending.add(
            http.getAsync(location.url(), endpoint.path(), target.timeout())
                .thenAccept(answer -> probes.add(endpoint, answer)));
      }
    }
  }

  /** Each ends within the target's time-out. */
  void awaitProbes() {
    CompletableFuture.allOf(pending.toArray(CompletableFuture[]::new)).join();
  }

  /** Asks for metrics and integrations, and reads on in the log. */
  void observe() throws IOException {
    int down = 0;
    for (Location location : locations) {
      if (hasMetrics()) {
        metrics.add(
            location.url(),
            understood(http.get(location.url(), target.metrics(), target.timeout())));
      }
      for (String path : target.integrations()) {
        down += http.get(location.url(), path, target.timeout()).ok() ? 0 : 1;
      }
    }
    integrationsDown = Math.max(integrationsDown, down);
    if (log != null) {
      errorLines = log.poll();
    }
  }

  /** The metrics of the answer; null when it has none, and an answer that is no good is noted. */
  private ServiceMetrics understood(HttpProbe.Answer answer) {
    if (!answer.ok()) {
      return null;
    }
    if (!answer.whole()) {
      metricsProblem = "the answer is too long to be read whole";
      return null;
    }
    ServiceMetrics told = ServiceMetrics.parse(masking.mask(answer.body()));
    if (told.problem() != null) {
      metricsProblem = told.problem();
      return null;
    }
    return told;
  }

  String name() {
    return name;
  }

  /** Whether it is at single instances, as in the middle of a rolling update. */
  boolean isSpread() {
    return locations.get(0).instance() != null;
  }

  /**
   * What the router sent to it.
   *
   * @param side of the router's statistics that the service has when it is not spread over
   *     instances
   */
  RouterStatistics.Side routed(
      RouterStatistics statistics, Function<RouterStatistics, RouterStatistics.Side> side) {
    if (!isSpread()) {
      return side.apply(statistics);
    }
    RouterStatistics.Side sum = new RouterStatistics.Side(0, 0, 0, new TreeMap<>());
    for (Location location : locations) {
      RouterStatistics.Side server = statistics.servers().get(location.instance());
      sum = server == null ? sum : sum.plus(server);
    }
    return sum;
  }

  ProbeSeries probes() {
    return probes;
  }

  MetricsSeries metrics() {
    return metrics;
  }

  /** The most that were down at once. */
  int integrationsDown() {
    return integrationsDown;
  }

  int errorLines() {
    return errorLines;
  }

  /** Why the log was not watched; null when it was, or when the target has none. */
  String logMissing() {
    return log == null || log.found() ? null : "errorLines (no file %s)".formatted(target.log());
  }

  /** Whether it is to tell metrics. */
  boolean hasMetrics() {
    return target.metrics() != null && !target.metrics().isBlank();
  }

  /** Why there are no metrics; null when there are. */
  String metricsMissing() {
    if (!hasMetrics()) {
      return "'%s' has no metrics path".formatted(name);
    }
    if (metrics.complete()) {
      return null;
    }
    return "the metrics of '%s' cannot be read%s"
        .formatted(name, metricsProblem == null ? "" : " (" + metricsProblem + ")");
  }

  @Override
  public void close() throws IOException {
    if (log != null) {
      log.close();
    }
  }
}
