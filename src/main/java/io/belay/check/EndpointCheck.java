package io.belay.check;

import io.belay.check.ServiceLocations.Location;
import io.belay.target.Cancellation;
import io.belay.target.HttpProbe;
import io.belay.target.ServiceTarget;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.springframework.stereotype.Component;

/**
 * Requests paths of a service wherever it is now ({@link ServiceLocations}); each must answer 2xx
 * within the service's time-out.
 */
@Component
final class EndpointCheck {

  private static final long POLL_MS = 200;

  private final HttpProbe http;

  EndpointCheck(HttpProbe http) {
    this.http = http;
  }

  /** One request to each path at each location, all at once. */
  Findings check(ServiceTarget service, List<Location> locations, List<String> paths) {
    List<CompletableFuture<HttpProbe.Answer>> answers =
        locations.stream()
            .flatMap(
                location ->
                    paths.stream()
                        .map(path -> http.getAsync(location.url(), path, service.timeout())))
            .toList();
    Findings findings = new Findings();
    for (CompletableFuture<HttpProbe.Answer> future : answers) {
      HttpProbe.Answer answer = future.join();
      if (!answer.ok()) {
        findings.add("%s", answer.describe());
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
