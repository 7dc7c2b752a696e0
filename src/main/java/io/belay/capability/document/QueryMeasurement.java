package io.belay.capability.document;

import io.belay.capability.document.LateWrites.LateWrite;
import io.belay.capability.document.QueryStatistics.Totals;
import io.belay.step.Sample;
import io.belay.step.StepContext;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/** One measurement of queries; see {@link MeasureQueries}. */
final class QueryMeasurement {

  private static final int DOCUMENTS_OF_EACH = 25;
  private static final int FEWEST = 5;
  private static final int ENOUGH = 25;
  private static final long LONGEST_SLEEP_MS = 200;
  private static final long TELL_EVERY_NANOS = TimeUnit.SECONDS.toNanos(1);

  private record Wanted(String collection, String id) {}

  private final QueryAdapter adapter;
  private final StepContext context;
  private final Map<QuerySide, Histogram> micros = new EnumMap<>(QuerySide.class);
  private final Map<QuerySide, Histogram> lately = new EnumMap<>(QuerySide.class);
  private final List<String> missing = new ArrayList<>();
  private String lastFailure;

  QueryMeasurement(QueryAdapter adapter, StepContext context) {
    this.adapter = adapter;
    this.context = context;
    for (QuerySide side : QuerySide.values()) {
      micros.put(side, new Histogram(3));
      lately.put(side, new Histogram(3));
    }
  }

  MeasureQueries.Result run(Duration window, Duration interval) throws InterruptedException {
    List<Wanted> wanted = documents();
    int enough = Math.min(wanted.size(), ENOUGH);
    Totals before = adapter.statistics().totals();
    long start = System.nanoTime();
    long end = start + window.toNanos();
    long told = start;
    // On a slow store a few queries may take longer than the window, but without them there is no
    // result.
    for (int asked = 0; asked < enough || System.nanoTime() - end < 0; asked++) {
      sleepUntil(Math.min(start + asked * interval.toNanos(), end));
      if (!wanted.isEmpty()) {
        ask(wanted.get(asked % wanted.size()));
      }
      if (System.nanoTime() - told >= TELL_EVERY_NANOS) {
        told = System.nanoTime();
        tell(Math.min(told - start, window.toNanos()), window);
      }
    }
    sleepUntil(end);
    tell(window.toNanos(), window);
    return result(adapter.statistics().totals().since(before));
  }

  /** Documents from both sides, so that one which only one side has is noticed. */
  private List<Wanted> documents() {
    Set<Wanted> documents = new LinkedHashSet<>();
    for (String collection : adapter.collections()) {
      for (QuerySide side : QuerySide.values()) {
        try {
          adapter
              .someIds(side, collection, DOCUMENTS_OF_EACH)
              .forEach(id -> documents.add(new Wanted(collection, id)));
        } catch (IOException | RuntimeException unreadable) {
          lastFailure = unreadable.getMessage();
        }
      }
    }
    List<Wanted> shuffled = new ArrayList<>(documents);
    Collections.shuffle(shuffled);
    return shuffled;
  }

  private void ask(Wanted wanted) {
    try {
      adapter.byId(wanted.collection(), wanted.id());
    } catch (IOException | RuntimeException counted) {
      lastFailure = counted.getMessage(); // the statistics count it
    }
    for (QuerySide side : QuerySide.values()) {
      try {
        long took = adapter.probe(side, wanted.collection(), wanted.id()) / 1000;
        micros.get(side).recordValue(took);
        lately.get(side).recordValue(took);
      } catch (IOException | RuntimeException unreadable) {
        lastFailure = unreadable.getMessage(); // with too few answers the figure is missing
      }
    }
  }

  private void tell(long nanos, Duration window) {
    List<Sample> samples = new ArrayList<>();
    for (QuerySide side : QuerySide.values()) {
      Histogram last = lately.get(side);
      if (last.getTotalCount() > 0) {
        samples.add(
            new Sample(
                Instant.now(),
                "p95Ms",
                side == QuerySide.NEW ? "candidate" : "baseline",
                last.getValueAtPercentile(95) / 1000.0));
        last.reset();
      }
    }
    if (!samples.isEmpty()) {
      context.sample(samples);
    }
    context
        .progress()
        .report(
            TimeUnit.NANOSECONDS.toMillis(nanos),
            window.toMillis(),
            "ms",
            "%d questions".formatted(micros.get(QuerySide.NEW).getTotalCount()));
  }

  private MeasureQueries.Result result(Totals totals) {
    Double p95New = p95(QuerySide.NEW, "p95New");
    Double p95Legacy = p95(QuerySide.LEGACY, "p95Legacy");
    Double slowdown =
        p95New == null || p95Legacy == null || p95Legacy == 0 ? null : p95New / p95Legacy;
    if (slowdown == null) {
      missing.add("slowdown");
    }
    Double errorRate = rate("errorRate", totals.failed(), totals.queries());
    Double fallbackRate = rate("fallbackRate", totals.fellBack(), totals.queries());
    Double missRate = rate("missRate", totals.missed(), totals.byId());
    List<LateWrite> late = lateWrites();
    boolean complete = missing.isEmpty();
    if (!complete && lastFailure != null) {
      missing.add("last failure: " + lastFailure);
    }
    String why = String.join("; ", missing);
    return new MeasureQueries.Result(
        totals.queries(),
        totals.failed(),
        errorRate,
        fallbackRate,
        missRate,
        p95New,
        p95Legacy,
        slowdown,
        late == null ? null : late.size(),
        late == null ? "" : Reports.sentence(late.stream().map(LateWrite::toString).toList(), ""),
        adapter.health(QuerySide.NEW).healthy(),
        adapter.health(QuerySide.LEGACY).healthy(),
        complete,
        why.length() <= 1000 ? why : why.substring(0, 1000));
  }

  /** Null, and named as missing, when unknown. */
  private List<LateWrite> lateWrites() {
    try {
      return adapter.readLateWrites(offset -> context.cancellation().throwIfCancelled());
    } catch (IOException | RuntimeException unreadable) {
      context.cancellation().throwIfCancelled();
      lastFailure = unreadable.getMessage();
      missing.add("lateWrites");
      return null;
    }
  }

  private Double p95(QuerySide side, String name) {
    Histogram all = micros.get(side);
    if (all.getTotalCount() < FEWEST) {
      missing.add("%s (%d answers)".formatted(name, all.getTotalCount()));
      return null;
    }
    return all.getValueAtPercentile(95) / 1000.0;
  }

  private Double rate(String name, long part, long all) {
    if (all == 0) {
      missing.add(name);
      return null;
    }
    return (double) part / all;
  }

  private void sleepUntil(long nanos) throws InterruptedException {
    while (true) {
      context.cancellation().throwIfCancelled();
      long left = TimeUnit.NANOSECONDS.toMillis(nanos - System.nanoTime());
      if (left <= 0) {
        return;
      }
      TimeUnit.MILLISECONDS.sleep(Math.min(left, LONGEST_SLEEP_MS));
    }
  }
}
