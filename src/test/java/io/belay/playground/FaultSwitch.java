package io.belay.playground;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;

/**
 * The faults of one process, as control files in the world's directory say: {@code
 * faults/<version>.properties} for all processes of a version (except staging) and {@code
 * faults/<slot>.properties} for one. A file works on a process that starts later, too. Read again
 * every {@value #PULSE_MILLIS} ms.
 */
final class FaultSwitch {

  static final int PULSE_MILLIS = 100;

  private final Path bySlot;
  private final Path byVersion;
  private volatile Properties current = new Properties();
  private final Map<String, Double> due = new HashMap<>();

  FaultSwitch(Path worldDirectory, String version, String slot) {
    Path faults = worldDirectory.resolve("faults");
    bySlot = faults.resolve(slot + ".properties");
    byVersion = slot.equals(Slots.STAGING) ? bySlot : faults.resolve(version + ".properties");
    refresh();
  }

  void refresh() {
    Properties read = new Properties();
    for (Path file : new Path[] {byVersion, bySlot}) {
      try (Reader reader = Files.newBufferedReader(file)) {
        read.load(reader);
      } catch (NoSuchFileException e) {
        // No fault is switched on there.
      } catch (IOException e) {
        return; // Half replaced; the next pulse reads it whole.
      }
    }
    current = read;
  }

  boolean isDown() {
    return current.containsKey("down");
  }

  boolean hasWrongWebhook() {
    return current.containsKey("wrongWebhook");
  }

  long latencyMillis() {
    return Math.round(amount("latency"));
  }

  /** By which share of its time an answer takes longer. */
  double slower() {
    return amount("slower");
  }

  /** Whether errors are answered in another format. */
  boolean breaksContract() {
    return current.containsKey("contract");
  }

  /** ERROR lines per second. */
  double errorLines() {
    return amount("errorLines");
  }

  boolean failsNow() {
    return isDue("errorRate");
  }

  boolean resetsNow() {
    return isDue("reset");
  }

  boolean losesNow() {
    return isDue("notFound");
  }

  /** Says of exactly the wanted share of calls that it is due; no dice, so that few are enough. */
  private synchronized boolean isDue(String fault) {
    double sum = due.merge(fault, amount(fault), Double::sum);
    if (sum < 1) {
      return false;
    }
    due.put(fault, sum - 1);
    return true;
  }

  private double amount(String name) {
    return Double.parseDouble(current.getProperty(name, "0"));
  }
}
