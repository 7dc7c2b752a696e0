package io.belay.capability.check;

import static io.belay.capability.check.FaultyService.always;
import static io.belay.capability.check.FaultyService.share;

import io.belay.capability.check.FaultyService.Reply;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * One thing that is wrong while a gate measures.
 *
 * @param where it is wrong
 * @param passes whether a gate should pass all the same: nobody suffers from the new version
 */
record GateFault(String where, String what, boolean passes, Consumer<GateScene> cause) {

  private static final String HISTOGRAM =
      """
      http_request_duration_seconds_bucket{le="0.1"} %1$d
      http_request_duration_seconds_bucket{le="0.5"} %1$d
      http_request_duration_seconds_bucket{le="1"} %2$d
      http_request_duration_seconds_bucket{le="+Inf"} %2$d
      """;

  static List<GateFault> all() {
    List<GateFault> all = new ArrayList<>();
    all.add(new GateFault("–", "none", true, scene -> {}));
    users(all);
    probes(all);
    figures(all);
    around(all);
    return all;
  }

  private static void users(List<GateFault> all) {
    of(all, "new: users", "every request gets 500", s -> s.fresh.users = always(Reply.of(500)));
    of(all, "new: users", "5 of 100 get 500", s -> s.fresh.users = share(5, Reply.of(500)));
    of(all, "new: users", "2 of 100 get 503", s -> s.fresh.users = share(2, Reply.of(503)));
    of(all, "new: users", "10 of 100 get 502", s -> s.fresh.users = share(10, Reply.of(502)));
    of(all, "new: users", "every connection reset", s -> s.fresh.users = always(Reply.resets()));
    of(all, "new: users", "5 of 100 reset", s -> s.fresh.users = share(5, Reply.resets()));
    of(
        all,
        "new: users",
        "5 of 100 without answer",
        s -> s.fresh.users = share(5, Reply.hangsUp()));
    of(all, "new: users", "5 of 100 cut off", s -> s.fresh.users = share(5, Reply.cutOff()));
    of(
        all,
        "new: users",
        "5 of 100 cut off between chunks",
        s ->
            s.fresh.users =
                share(
                    5, Reply.raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel")));
    of(
        all,
        "new: users",
        "5 of 100 no HTTP",
        s -> s.fresh.users = share(5, Reply.raw("nonsense\r\n\r\n")));
    of(all, "new: users", "half get 404", s -> s.fresh.users = share(50, Reply.of(404)));
    of(all, "new: users", "half get 401", s -> s.fresh.users = share(50, Reply.of(401)));
    of(all, "new: users", "30 of 100 get 429", s -> s.fresh.users = share(30, Reply.of(429)));
    of(
        all,
        "new: users",
        "all 300 ms slower",
        s -> s.fresh.users = always(Reply.of(200).after(300)));
    of(
        all,
        "new: users",
        "all 100 ms slower",
        s -> s.fresh.users = always(Reply.of(200).after(100)));
    of(
        all,
        "new: users",
        "10 of 100 take 500 ms",
        s -> s.fresh.users = share(10, Reply.of(200).after(500)));
    of(all, "new: users", "dies in the middle of the window", s -> s.later = () -> s.fresh.close());
    of(
        all,
        "new: users",
        "fails from the middle of the window on",
        s -> s.later = () -> s.fresh.users = always(Reply.of(500)));
  }

  private static void probes(List<GateFault> all) {
    for (int status : new int[] {500, 404, 401}) {
      of(
          all,
          "new: probes",
          "every probe gets " + status,
          s -> s.fresh.probes = always(Reply.of(status)));
    }
    of(all, "new: probes", "redirected to a login", s -> s.fresh.probes = always(Reply.redirect()));
    of(
        all,
        "new: probes",
        "200 with another text",
        s -> s.fresh.probes = always(Reply.text(200, "maintenance")));
    of(
        all,
        "new: probes",
        "one of two endpoints gets 404",
        s -> s.fresh.secondProbe = always(Reply.of(404)));
    of(all, "new: probes", "no answer", s -> s.fresh.probes = always(Reply.hangsUp()));
    of(
        all,
        "new: probes",
        "an answer after 1.5 s, the limit is 1 s",
        s -> s.fresh.probes = always(Reply.of(200).after(1500)));
    of(all, "new: integration", "down", s -> s.fresh.integration = always(Reply.of(503)));
    of(all, "new: log", "two lines with ERROR", GateFault::errorLines);
  }

  private static void errorLines(GateScene scene) {
    try {
      Path log = Files.createTempFile("service", ".log");
      scene.fresh.log = log.toString();
      scene.later =
          () -> {
            try {
              Files.writeString(log, "ERROR one\nERROR two\n", StandardOpenOption.APPEND);
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          };
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void figures(List<GateFault> all) {
    of(all, "new: metrics", "404", s -> s.fresh.metrics = always(Reply.of(404)));
    of(
        all,
        "new: metrics",
        "a page of HTML",
        s -> s.fresh.metrics = always(Reply.text(200, "<html></html>")));
    says(all, "the document is cut off", "errors_total", "errors_to");
    says(all, "no counter of errors", "errors_total", "");
    says(all, "no counter of requests", "requests_total", "");
    says(all, "errors are NaN", "errors_total", "errors_total NaN");
    says(all, "Redis down", "redis_up", "redis_up 0");
    says(
        all,
        "Redis down for one of two",
        "redis_up",
        "redis_up{node=\"a\"} 1\nredis_up{node=\"b\"} 0");
    says(all, "CPU at 95 %", "cpu", "cpu 0.95");
    says(all, "memory at 95 %", "memory", "memory 0.95");
    says(all, "disk at 95 %", "disk", "disk 0.95");
    says(all, "pool at 95 %", "pool_used", "pool_used 9.5");
    says(
        all,
        "one of two pools full",
        "pool_used",
        "pool_used{pool=\"a\"} 10\npool_used{pool=\"b\"} 1\npool_max{pool=\"a\"} 10\npool_max{pool=\"b\"} 10");
    of(all, "new: metrics", "its own p95 at 900 ms", s -> s.fresh.extra = "p95_ms 900\n");
    counters(all);
  }

  private static void counters(List<GateFault> all) {
    growing(all, "its own errors grow", "errors_total", 40, 40);
    growing(all, "half of the messages stay", "messages_processed_total", 1, 1);
    of(
        all,
        "new: metrics",
        "its histogram gets slow",
        s -> {
          AtomicInteger reading = new AtomicInteger();
          s.fresh.metrics =
              number ->
                  Reply.text(
                      200,
                      s.fresh.metrics(number)
                          + HISTOGRAM.formatted(100, 100 + 50 * reading.incrementAndGet()));
        });
    of(
        all,
        "new: metrics",
        "restarts in the window",
        s ->
            s.fresh.metrics =
                number ->
                    Reply.text(
                        200,
                        s.fresh
                            .metrics(number)
                            .replaceAll(
                                "requests_total [0-9]+", "requests_total " + (9 - number))));
  }

  private static void growing(
      List<GateFault> all, String what, String figure, int first, int more) {
    of(
        all,
        "new: metrics",
        what,
        s ->
            s.fresh.metrics =
                number ->
                    Reply.text(
                        200,
                        s.fresh
                            .metrics(number)
                            .replaceAll(
                                "(?m)^" + figure + " .*$",
                                figure + " " + (first + more * number))));
  }

  private static void around(List<GateFault> all) {
    of(all, "new", "not there at all", s -> s.fresh.close());
    of(all, "new", "out of the router's reach", s -> s.outOfReach = true);
    of(all, "users", "nobody calls", s -> s.clients = 0);
    of(
        all,
        "users",
        "one request in a second",
        s -> {
          s.clients = 1;
          s.pauseMs = 1000;
        });
    of(all, "old", "not there at all", s -> s.old.close());
    of(all, "old", "fails for all its users", s -> s.old.users = always(Reply.of(500)));
    of(
        all,
        "both",
        "5 of 100 get 500",
        s -> {
          s.old.users = share(5, Reply.of(500));
          s.fresh.users = share(5, Reply.of(500));
        });
    all.add(
        new GateFault(
            "old", "100 ms slower", true, s -> s.old.users = always(Reply.of(200).after(100))));
    all.add(
        new GateFault("old", "5 of 100 get 500", true, s -> s.old.users = share(5, Reply.of(500))));
    all.add(new GateFault("a client", "sends bad addresses", true, s -> s.badRequests = true));
    all.add(new GateFault("a client", "hangs up early", true, s -> s.abortedRequests = true));
  }

  private static void says(List<GateFault> all, String what, String figure, String line) {
    of(all, "new: metrics", what, s -> s.fresh.says(figure, line));
  }

  private static void of(
      List<GateFault> all, String where, String what, Consumer<GateScene> cause) {
    all.add(new GateFault(where, what, false, cause));
  }
}
