package io.belay.playground;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryUsage;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;

/**
 * What the application measured about itself: counters since its start, and quantiles of the last
 * {@value #WINDOW_SECONDS} seconds. Health and metrics requests are not counted, so that watching
 * does not change the figures.
 */
final class Figures {

  static final int WINDOW_SECONDS = 10;

  private record Answer(long atNanos, double millis) {}

  private final long startedNanos = System.nanoTime();
  private final Deque<Answer> recent = new ArrayDeque<>();
  private long requests;
  private long errors4xx;
  private long errors5xx;
  private long received;
  private long processed;

  synchronized void answered(int status, double millis) {
    requests++;
    errors4xx += status / 100 == 4 ? 1 : 0;
    errors5xx += status / 100 == 5 ? 1 : 0;
    recent.addLast(new Answer(System.nanoTime(), millis));
    forgetOld();
  }

  synchronized void message(boolean success) {
    received++;
    processed += success ? 1 : 0;
  }

  private void forgetOld() {
    long oldest = System.nanoTime() - WINDOW_SECONDS * 1_000_000_000L;
    while (!recent.isEmpty() && recent.peekFirst().atNanos() - oldest < 0) {
      recent.removeFirst();
    }
  }

  /** The metrics document. Ratios are 0…1, times milliseconds. */
  synchronized String json(String version, String slot, Store store, Path directory)
      throws Exception {
    forgetOld();
    double[] sorted = recent.stream().mapToDouble(Answer::millis).sorted().toArray();
    FileStore disk = Files.getFileStore(directory);
    OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    return String.format(
        Locale.ROOT,
        """
        {"version":"%s","instance":"%s","uptime_seconds":%.1f,
         "requests":%d,"errors_4xx":%d,"errors_5xx":%d,
         "messages_received":%d,"messages_processed":%d,
         "window_seconds":%d,"window_requests":%d,"p50_ms":%.2f,"p95_ms":%.2f,"p99_ms":%.2f,
         "pool_used":%d,"pool_max":%d,"redis_up":%b,
         "memory_ratio":%.4f,"cpu_ratio":%.4f,"disk_ratio":%.4f}
        """,
        version,
        slot,
        (System.nanoTime() - startedNanos) / 1e9,
        requests,
        errors4xx,
        errors5xx,
        received,
        processed,
        WINDOW_SECONDS,
        sorted.length,
        quantile(sorted, 0.50),
        quantile(sorted, 0.95),
        quantile(sorted, 0.99),
        store.poolUsed(),
        Store.POOL_SIZE,
        store.redisUp(),
        memoryRatio(),
        Math.max(0, system.getProcessCpuLoad()),
        1 - (double) disk.getUsableSpace() / disk.getTotalSpace());
  }

  private static double quantile(double[] sorted, double share) {
    return sorted.length == 0 ? 0 : sorted[(int) Math.ceil(share * sorted.length) - 1];
  }

  /** What was still alive after the last collection; the garbage on top of it says nothing. */
  static double memoryRatio() {
    long alive = 0;
    for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
      MemoryUsage afterCollection = pool.getCollectionUsage();
      alive += afterCollection == null ? 0 : afterCollection.getUsed();
    }
    return (double) alive / Runtime.getRuntime().maxMemory();
  }
}
