package io.belay.playground;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * The guide's 21 legacy files with made-up documents: related to each other, with indexes, dates,
 * updates (several lines for an id), deletions, and text beyond ASCII. The same seed and size give
 * the same bytes.
 *
 * <pre>{@code
 * Map<String, Long> alive = LegacyDocuments.write(directory, 20_000, 1);
 * }</pre>
 */
public final class LegacyDocuments {

  /** How many documents of a thousand a collection has; below zero: that many whatever the size. */
  private static final Map<String, Integer> SHARES = shares();

  private static final String[] GIVEN = {
    "Ada", "Bruno", "Chen", "Dilara", "Émile", "Fatou", "Göran", "Hana", "Iñigo", "Jun", "Kofi",
    "Lucía", "Mei", "Noor", "Øystein", "Priya"
  };
  private static final String[] FAMILY = {
    "Abara",
    "Bergström",
    "Castro",
    "Dąbrowski",
    "Eze",
    "Fujimoto",
    "García",
    "Haddad",
    "Ivanova",
    "Jensen",
    "Kaya",
    "Lindqvist",
    "Müller",
    "Nguyễn",
    "Okafor",
    "Petrov"
  };
  private static final String[] TOPICS = {
    "Founders' breakfast", "Pitch training", "Growth \"clinic\"", "Legal office hours",
    "Product review", "Hiring workshop", "Demo day", "Angel evening"
  };
  private static final String[] WORDS = {
    "confirmed",
    "by",
    "phone",
    "follow-up",
    "next",
    "week",
    "prefers",
    "mornings",
    "needs",
    "a",
    "projector",
    "vegetarian",
    "arrives",
    "late",
    "café",
    "second",
    "visit",
    "asked",
    "for",
    "invoice",
    "team",
    "of",
    "four",
    "remote",
    "participant",
    "✓",
    "moved",
    "from",
    "Tuesday"
  };
  private static final String ALPHABET =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  private static final long EPOCH = 1_700_000_000_000L;
  private static final int DELETED_EVERY = 50;
  private static final int UPDATED_EVERY = 12;
  private static final int BATCH = 500;

  private final long seed;
  private final Map<String, Long> sizes = new LinkedHashMap<>();

  private LegacyDocuments(long documents, long seed) {
    this.seed = seed;
    SHARES.forEach(
        (collection, share) ->
            sizes.put(
                collection, share < 0 ? -share : Math.max(8, documents * (long) share / 1000)));
  }

  private static Map<String, Integer> shares() {
    Map<String, Integer> shares = new LinkedHashMap<>();
    shares.put("admin-users", -12);
    shares.put("admin-roles", -5);
    shares.put("permission-atoms", -40);
    shares.put("permission-audit-logs", 20);
    shares.put("users", 120);
    shares.put("events", 30);
    shares.put("bookings", 240);
    shares.put("appointments-slots", 80);
    shares.put("appointment-bookings", 70);
    shares.put("interviewers", 2);
    shares.put("availability-overrides", 8);
    shares.put("appointment-notifications", 90);
    shares.put("startup-records", 10);
    shares.put("health-logs", 140);
    shares.put("sync-queue", 40);
    shares.put("marketing-campaigns", 3);
    shares.put("marketing-templates", -30);
    shares.put("marketing-audiences", -20);
    shares.put("marketing-analytics", 47);
    shares.put("marketing-events", 100);
    shares.put("event-types", -12);
    return shares;
  }

  /**
   * Writes all files, over what is there.
   *
   * @param documents how many, roughly; lines are a tenth more
   * @return documents that are alive, by collection
   */
  public static Map<String, Long> write(Path directory, long documents, long seed)
      throws IOException {
    Files.createDirectories(directory);
    LegacyDocuments all = new LegacyDocuments(documents, seed);
    Map<String, Long> alive = new LinkedHashMap<>();
    for (String collection : all.sizes.keySet()) {
      try (BufferedWriter out =
          Files.newBufferedWriter(directory.resolve(collection + ".db"), StandardCharsets.UTF_8)) {
        alive.put(collection, all.write(collection, out));
      }
    }
    return alive;
  }

  private long write(String collection, BufferedWriter out) throws IOException {
    long size = sizes.get(collection);
    long alive = 0;
    StringBuilder later = new StringBuilder();
    index(collection, out);
    for (long n = 0; n < size; n++) {
      out.append(document(collection, n, false)).append('\n');
      if (isDeleted(n)) {
        later.append("{\"$$deleted\":true,\"_id\":\"").append(id(collection, n)).append("\"}\n");
      } else {
        alive++;
        if (n % UPDATED_EVERY == UPDATED_EVERY - 1) {
          later.append(document(collection, n, true)).append('\n');
        }
      }
      if (n % BATCH == BATCH - 1) {
        out.append(later);
        later.setLength(0);
      }
    }
    out.append(later);
    return alive;
  }

  private static void index(String collection, BufferedWriter out) throws IOException {
    switch (collection) {
      case "users", "admin-users" ->
          out.append("{\"$$indexCreated\":{\"fieldName\":\"email\",\"unique\":true}}\n");
      case "bookings" ->
          out.append("{\"$$indexCreated\":{\"fieldName\":\"userId\"}}\n")
              .append("{\"$$indexCreated\":{\"fieldName\":\"obsolete\"}}\n")
              .append("{\"$$indexCreated\":{\"fieldName\":\"eventId\",\"sparse\":true}}\n")
              .append("{\"$$indexRemoved\":\"obsolete\"}\n");
      case "appointments-slots" ->
          out.append("{\"$$indexCreated\":{\"fieldName\":\"startsAt\"}}\n");
      default -> {
        // most collections are small or read as a whole
      }
    }
  }

  private static boolean isDeleted(long n) {
    return n % DELETED_EVERY == DELETED_EVERY - 1;
  }

  private SplittableRandom random(String collection, long n) {
    return new SplittableRandom(seed * 31 + collection.hashCode() * 1_000_003L + n);
  }

  /** What the library makes: 16 letters and digits. */
  private String id(String collection, long n) {
    return token(random(collection, ~n), 16);
  }

  private static String token(SplittableRandom random, int length) {
    char[] token = new char[length];
    for (int i = 0; i < length; i++) {
      token[i] = ALPHABET.charAt(random.nextInt(ALPHABET.length()));
    }
    return new String(token);
  }

  /** The id of one that is not deleted. */
  private String any(String collection, SplittableRandom random) {
    long n = random.nextLong(sizes.get(collection));
    return id(collection, isDeleted(n) ? n - 1 : n);
  }

  private String document(String collection, long n, boolean updated) {
    SplittableRandom random = random(collection, n);
    Fields f = new Fields(random, id(collection, n));
    String given = pick(GIVEN, random);
    String family = pick(FAMILY, random);
    switch (collection) {
      case "admin-users" ->
          f.text("email", "admin%d@example.org".formatted(n))
              .text("name", given + " " + family)
              .text("password", bcrypt(random))
              .raw("level", n < 2 ? "1" : "2")
              .text("roleId", any("admin-roles", random));
      case "admin-roles" ->
          f.text("name", "role-" + n)
              .raw(
                  "permissions",
                  "[\"%s\",\"%s\"]"
                      .formatted(any("permission-atoms", random), any("permission-atoms", random)));
      case "permission-atoms" -> f.text("name", "resource-%d:%s".formatted(n / 4, n % 4));
      case "permission-audit-logs" ->
          f.text("adminId", any("admin-users", random))
              .text("action", n % 3 == 0 ? "grant" : "read")
              .date("at", n)
              .words("details", 30);
      case "users" ->
          f.text("email", "user%d@example.org".formatted(n))
              .text("name", given + " " + family)
              .text("password", bcrypt(random))
              .raw("age", Integer.toString(18 + random.nextInt(60)))
              .raw("active", Boolean.toString(random.nextInt(10) > 0))
              .raw(
                  "address",
                  "{\"city\":\"Zürich\",\"zip\":\"%d\",\"geo\":[%s,%d]}"
                      .formatted(8000 + random.nextInt(100), random.nextInt(470_000) / 1e4, n % 9))
              .words("notes", 20);
      case "events" ->
          f.text("title", pick(TOPICS, random) + " " + n)
              .text("typeId", any("event-types", random))
              .text("status", n % 4 == 0 ? "draft" : "active")
              .date("startsAt", n)
              .raw("capacity", Integer.toString(10 + random.nextInt(90)))
              .words("description", 60);
      case "bookings" ->
          f.text("userId", any("users", random))
              .text("eventId", any("events", random))
              .text("status", updated ? "confirmed" : "pending")
              .raw("price", Double.toString(random.nextInt(20_000) / 100.0))
              .date("bookedAt", n)
              .words("notes", 40);
      case "appointments-slots" ->
          f.text("interviewerId", any("interviewers", random))
              .date("startsAt", n)
              .date("endsAt", n + 1)
              .raw("booked", Boolean.toString(updated))
              .words("room", 12);
      case "appointment-bookings" ->
          f.text("slotId", any("appointments-slots", random))
              .text("userId", any("users", random))
              .text("status", updated ? "confirmed" : "requested")
              .words("question", 40);
      case "interviewers" ->
          f.text("name", given + " " + family)
              .raw("languages", "[\"de\",\"en\"]")
              .words("biography", 80);
      case "availability-overrides" ->
          f.text("interviewerId", any("interviewers", random)).date("day", n).words("reason", 10);
      case "appointment-notifications" ->
          f.text("bookingId", any("appointment-bookings", random))
              .text("channel", n % 2 == 0 ? "email" : "sms")
              .raw("sentAt", updated ? "{\"$$date\":%d}".formatted(EPOCH + n) : "null")
              .words("body", 50);
      case "startup-records" ->
          f.text("company", family + " & " + given + " Ltd").words("pitch", 120);
      case "health-logs" ->
          f.text("service", "node-" + n % 7)
              .raw("uptimeSeconds", Long.toString(n * 60))
              .raw("load", "[%s,0]".formatted(random.nextInt(4000) / 1000.0))
              .date("at", n)
              .words("message", 40);
      case "sync-queue" ->
          f.text("operation", "upsert")
              .raw("attempts", updated ? "2" : "1")
              .raw("payload", "{\"ref\":\"%s\",\"n\":%d}".formatted(any("users", random), n))
              .words("lastError", 30);
      case "marketing-campaigns" ->
          f.text("templateId", any("marketing-templates", random))
              .text("audienceId", any("marketing-audiences", random))
              .text("name", "Campaign " + n)
              .words("goal", 20);
      case "marketing-templates" -> f.text("subject", pick(TOPICS, random)).words("body", 200);
      case "marketing-audiences" -> f.text("name", "Audience " + n).raw("rules", "[]");
      case "marketing-analytics" ->
          f.text("campaignId", any("marketing-campaigns", random))
              .raw("opens", Integer.toString(random.nextInt(10_000)))
              .raw("rate", Double.toString(random.nextInt(1000) / 1000.0))
              .date("day", n);
      case "marketing-events" ->
          f.text("campaignId", any("marketing-campaigns", random))
              .text("kind", n % 5 == 0 ? "click" : "open")
              .text("agent", "Mozilla/5.0 (X11; Linux x86_64) " + token(random, 40))
              .date("at", n)
              .words("path", 25);
      case "event-types" -> f.text("name", pick(TOPICS, random)).raw("color", "null");
      default -> throw new IllegalArgumentException(collection);
    }
    return f.date("createdAt", n).date("updatedAt", updated ? n + 7 : n).end();
  }

  private static String pick(String[] from, SplittableRandom random) {
    return from[random.nextInt(from.length)];
  }

  private static String bcrypt(SplittableRandom random) {
    return "$2b$10$" + token(random, 53);
  }

  /** One line. */
  private static final class Fields {

    private final StringBuilder line = new StringBuilder(700);
    private final SplittableRandom random;

    Fields(SplittableRandom random, String id) {
      this.random = random;
      line.append("{\"_id\":\"").append(id).append('"');
    }

    Fields text(String name, String value) {
      return raw(name, '"' + value.replace("\"", "\\\"") + '"');
    }

    Fields date(String name, long minutes) {
      return raw(name, "{\"$$date\":" + (EPOCH + minutes * 60_000) + "}");
    }

    Fields words(String name, int most) {
      StringBuilder text = new StringBuilder();
      int count = most / 2 + random.nextInt(Math.max(1, most)) + most / 2;
      for (int i = 0; i < count; i++) {
        text.append(i == 0 ? "" : " ").append(pick(WORDS, random));
      }
      return text(name, text.toString());
    }

    Fields raw(String name, String json) {
      line.append(",\"").append(name).append("\":").append(json);
      return this;
    }

    String end() {
      return line.append('}').toString();
    }
  }
}
