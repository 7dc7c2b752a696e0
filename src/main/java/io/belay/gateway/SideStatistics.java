package io.belay.gateway;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The answers of one side or one server, since the gateway started and over the last window. {@code
 * status5xx} counts answers with 5xx and the server's other failures, which {@code failed} counts
 * too: no connection, no answer in time, half an answer. {@code waitingMs} are those in flight that
 * wait for the head of their answer, by how long at least; they are not in {@code requests} yet.
 */
final class SideStatistics {

  private record Reading(
      long nanos, long requests, long status4xx, long status5xx, long[] latency) {}

  private final AtomicLong requests = new AtomicLong();
  private final AtomicLong status4xx = new AtomicLong();
  private final AtomicLong status5xx = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();
  private final AtomicLong aborted = new AtomicLong();
  private final Set<Exchange> inFlight = ConcurrentHashMap.newKeySet();
  private final ClientGroups clients = new ClientGroups();
  private final LatencyHistogram latency = new LatencyHistogram();
  private final Deque<Reading> readings = new ArrayDeque<>();

  void begun(Exchange exchange) {
    inFlight.add(exchange);
  }

  /**
   * Requests that the client aborted or the gateway could not forward say nothing about the side,
   * unless the client gave up a server that was late.
   */
  void ended(Exchange exchange, int status, double millis) {
    inFlight.remove(exchange);
    Exchange.Fate fate = exchange.fate();
    if (fate == Exchange.Fate.ABORTED) {
      aborted.incrementAndGet();
      if (exchange.wasLate()) {
        count(exchange, false, millis);
      }
    }
    if (fate == Exchange.Fate.ABORTED || fate == Exchange.Fate.NOT_FORWARDED) {
      return;
    }
    if (fate == Exchange.Fate.FAILED) {
      failed.incrementAndGet();
    }
    boolean isFailed = status >= 500 || fate == Exchange.Fate.FAILED;
    boolean is4xx = status >= 400 && !isFailed;
    if (isFailed) {
      status5xx.incrementAndGet();
    } else if (is4xx) {
      status4xx.incrementAndGet();
    }
    count(exchange, is4xx, millis);
  }

  private void count(Exchange exchange, boolean is4xx, double millis) {
    clients.count(exchange.clientGroup(), is4xx);
    latency.record(millis);
    requests.incrementAndGet();
  }

  void refusedConnection() {
    failed.incrementAndGet();
    status5xx.incrementAndGet();
  }

  /** The request goes to another server. */
  void left(Exchange exchange) {
    inFlight.remove(exchange);
  }

  long inFlight() {
    return inFlight.size();
  }

  private Map<Double, Long> waitingMs() {
    long late = inFlight.stream().filter(Exchange::isLate).count();
    return late == 0 ? Map.of() : Map.of(Exchange.LATE_MS, late);
  }

  /** Records the counters, and drops readings older than the window. */
  synchronized void mark(long nanos, long windowNanos) {
    readings.addLast(read(nanos));
    while (readings.size() > 1 && nanos - readings.peekFirst().nanos() > windowNanos) {
      readings.removeFirst();
    }
  }

  synchronized Map<String, Object> report() {
    Reading now = read(System.nanoTime());
    Reading from = readings.peekFirst();
    Map<String, Object> report = sinceStart(now);
    report.put("window", figures(from == null ? now : difference(now, from)));
    return report;
  }

  Map<String, Object> sinceStart() {
    return sinceStart(read(System.nanoTime()));
  }

  /** With the clients: group, requests, 4xx. */
  Map<String, Object> sinceStartWithClients() {
    Map<String, Object> report = sinceStart();
    report.put("clients", clients.report());
    return report;
  }

  private Map<String, Object> sinceStart(Reading now) {
    Map<String, Object> report = figures(now);
    report.put("failed", failed.get());
    report.put("aborted", aborted.get());
    report.put("inFlight", inFlight());
    report.put("waitingMs", waitingMs());
    report.put("histogramMs", LatencyHistogram.sparse(now.latency()));
    return report;
  }

  private Reading read(long nanos) {
    return new Reading(nanos, requests.get(), status4xx.get(), status5xx.get(), latency.snapshot());
  }

  private static Reading difference(Reading later, Reading earlier) {
    return new Reading(
        later.nanos() - earlier.nanos(),
        later.requests() - earlier.requests(),
        later.status4xx() - earlier.status4xx(),
        later.status5xx() - earlier.status5xx(),
        LatencyHistogram.minus(later.latency(), earlier.latency()));
  }

  private static Map<String, Object> figures(Reading reading) {
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("requests", reading.requests());
    figures.put("status4xx", reading.status4xx());
    figures.put("status5xx", reading.status5xx());
    figures.put("p50Ms", LatencyHistogram.percentileMs(reading.latency(), 0.50));
    figures.put("p95Ms", LatencyHistogram.percentileMs(reading.latency(), 0.95));
    figures.put("p99Ms", LatencyHistogram.percentileMs(reading.latency(), 0.99));
    return figures;
  }
}
