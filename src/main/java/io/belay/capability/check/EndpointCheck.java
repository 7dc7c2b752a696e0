package io.belay.capability.check;

import io.belay.capability.check.ServiceLocations.Location;
import io.belay.target.Cancellation;
import io.belay.target.Endpoint;
import io.belay.target.HttpProbe;
import io.belay.target.ServiceTarget;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.springframework.stereotype.Component;

/**
 * Requests paths of a service wherever it is now ({@link ServiceLocations}); each must answer as it
 * says ({@link Endpoint}; 2xx by default) within the service's time-out.
 */
@Component
final class EndpointCheck {

  private static final long POLL_MS = 200;

  private final HttpProbe http;

  EndpointCheck(HttpProbe http) {
    this.http = http;
  }

  private record Probe(Endpoint endpoint, CompletableFuture<HttpProbe.Answer> answer) {}

  /** One request to each endpoint at each location, all at once. */
  Findings check(ServiceTarget service, List<Location> locations, List<String> endpoints) {
    List<Endpoint> parsed = Endpoint.parse(endpoints);
    List<Probe> probes =
        locations.stream()
            .flatMap(
                location ->
                    parsed.stream()
                        .map(
                            endpoint ->
                                new Probe(
                                    endpoint,
                                    http.getAsync(
                                        location.url(), endpoint.path(), service.timeout()))))
            .toList();
    Findings findings = new Findings();
    for (Probe probe : probes) {
      HttpProbe.Answer answer = probe.answer().join();
      if (!probe.endpoint().accepts(answer)) {
        findings.add("%s", probe.endpoint().describe(answer));
      }
    }
    return findings;
  }

  /** Asks {@code health} and {@code ready} until both answer 2xx, or the time is up. */
  Findings awaitHealthy(
      ServiceTarget service, List<Location> locations, Duration timeout, Cancellation cancellation)
      throws InterruptedException {
    long deadline = System.nanoTime() + timeout.toNanos();
    List<String> paths = List.of(service.health(), service.ready()).stream().distinct().toList();
    while (true) {
      cancellation.throwIfCancelled();
      Findings findings = check(service, locations, paths);
      if (findings.count() == 0 || System.nanoTime() >= deadline) {
        return findings;
      }
      TimeUnit.MILLISECONDS.sleep(POLL_MS);
    }
  }
}
