package io.belay.playground;

import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;

/**
 * Something that goes wrong, for real.
 *
 * @param kind what
 * @param service whom it hits: {@code v1} or {@code v2} (all its processes but staging, also those
 *     that start later), or one slot ({@code staging}, {@code green}, {@code main-2}); without
 *     meaning for the faults that hit something else
 * @param amount a share 0…1, milliseconds, or lines per second; 1 where it means nothing
 */
public record Fault(Kind kind, String service, double amount) {

  /** What can go wrong. */
  public enum Kind {
    /** A share of the user requests is answered with 500. */
    ERROR_RATE("errorRate"),
    /** A share of the users' POSTs gets no answer: the connection is closed. */
    RESET("reset"),
    /** A share of the users' requests is answered with 404. */
    NOT_FOUND("notFound"),
    /** Every answer but the metrics takes longer. */
    LATENCY("latency"),
    /** The processes die without a last word, and die again when started. */
    DOWN("down"),
    /** ERROR lines appear in the log. */
    ERROR_LINES("errorLines"),
    /** The webhook expects another verification token. */
    WRONG_WEBHOOK("wrongWebhook"),
    /** The AI service refuses connections. */
    AI_DOWN(null),
    /** The Redis server is stopped. */
    REDIS_DOWN(null),
    /**
     * The migration also destroys content of {@code users}; its own rollback does not heal that.
     */
    DATA_CORRUPTION(null),
    /** The migration fails in its second change. */
    MIGRATION(null),
    /** A line in the middle of a legacy document file cannot be read. */
    UNREADABLE_DOCUMENTS(null),
    /** A legacy document holds a password as it is typed. */
    PLAIN_PASSWORD(null),
    /** An application goes on writing to a legacy document file. */
    CHANGING_DOCUMENTS(null),
    /** A third of {@code application.db} is overwritten with zeros. */
    BROKEN_STORE(null),
    /** The backend's new implementation takes a share longer for each search. */
    SLOWER("slower"),
    /** The backend's new implementation answers errors in another format. */
    CONTRACT("contract"),
    /** The flag service refuses connections. */
    FLAG_SERVICE_DOWN(null),
    /** The source of the backend's new implementation does not compile. */
    BUILD(null);

    private final String control;

    Kind(String control) {
      this.control = control;
    }

    /** The key in a process's control file; null for faults outside the processes. */
    String control() {
      return control;
    }
  }

  public static Fault errorRate(String service, double share) {
    return new Fault(Kind.ERROR_RATE, service, share);
  }

  public static Fault latency(String service, Duration added) {
    return new Fault(Kind.LATENCY, service, added.toMillis());
  }

  public static Fault down(String service) {
    return new Fault(Kind.DOWN, service, 1);
  }

  public static Fault errorLines(String service, double perSecond) {
    return new Fault(Kind.ERROR_LINES, service, perSecond);
  }

  public static Fault wrongWebhook(String service) {
    return new Fault(Kind.WRONG_WEBHOOK, service, 1);
  }

  public static Fault aiDown() {
    return new Fault(Kind.AI_DOWN, "", 1);
  }

  public static Fault redisDown() {
    return new Fault(Kind.REDIS_DOWN, "", 1);
  }

  public static Fault dataCorruption() {
    return new Fault(Kind.DATA_CORRUPTION, "", 1);
  }

  public static Fault migration() {
    return new Fault(Kind.MIGRATION, "", 1);
  }

  /**
   * The fault of that name ({@code error-rate}, {@code redis-down}, …) as it hits the new version,
   * strong enough for every gate.
   *
   * @throws IllegalArgumentException naming all faults
   */
  public static Fault named(String name) {
    Kind kind =
        Arrays.stream(Kind.values())
            .filter(each -> name(each).equals(name))
            .findFirst()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "unknown fault '%s'; there are %s"
                            .formatted(
                                name, Arrays.stream(Kind.values()).map(Fault::name).toList())));
    double amount =
        switch (kind) {
          case ERROR_RATE -> 0.2;
          case RESET, NOT_FOUND -> 0.5;
          case LATENCY -> 400;
          case ERROR_LINES -> 20;
          case SLOWER -> 0.08;
          default -> 1;
        };
    return new Fault(kind, hits(kind), amount);
  }

  private static String hits(Kind kind) {
    return kind == Kind.SLOWER || kind == Kind.CONTRACT ? BackendApplication.NAME : "v2";
  }

  private static String name(Kind kind) {
    return kind.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
