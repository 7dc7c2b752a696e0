package io.belay.benchmark;

import io.belay.playground.World;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * All users are switched from v1 to v2 and back at the gateway while {@code wrk} loads it: counts
 * the requests that failed because of that. Beside it the throughput without switches, and that of
 * one instance asked directly: what the gateway costs.
 *
 * <p>Arguments: switches (default 100). Needs {@code wrk} on the path.
 */
public final class SwitchBenchmark {

  private static final int CONNECTIONS = 32;
  private static final int SECONDS = 10;
  private static final long BETWEEN_MILLIS = 200;
  private static final Pattern RATE = Pattern.compile("Requests/sec:\\s+([0-9.]+)");
  private static final Pattern TOTAL = Pattern.compile("([0-9]+) requests in");

  private final Map<String, String> world;
  private final HttpClient client = HttpClient.newHttpClient();

  private SwitchBenchmark(Map<String, String> world) {
    this.world = world;
  }

  public static void main(String[] arguments) throws Exception {
    int switches = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 100;
    Comparison.begin(System.out);
    try (World world = World.start()) {
      world.users().close();
      world.services().start("v2", List.of("green"));
      SwitchBenchmark benchmark = new SwitchBenchmark(world.properties());
      URI gateway = world.router();
      URI instance = URI.create(world.properties().get("playground.main-1.url"));
      Load.at(instance, SECONDS).print("one instance, warm-up");
      Load.at(gateway, SECONDS).print("through the gateway, warm-up");
      Load direct = Load.at(instance, SECONDS).print("one instance");
      Load calm = Load.at(gateway, SECONDS).print("through the gateway");
      Load switched =
          benchmark.switching(gateway, switches).print("with %d switches".formatted(switches));
      System.out.printf(
          "%nthroughput through the gateway beside one instance: %.2f; with switches beside without: %.2f%n",
          calm.rate() / direct.rate(), switched.rate() / calm.rate());
      System.out.printf(
          "requests that failed in %d switches: %d of %d%n",
          switches, switched.failed(), switched.requests());
    }
  }

  /** Loads the gateway as long as the switches take. */
  private Load switching(URI gateway, int switches) throws Exception {
    int seconds = (int) Math.ceil((switches + 5) * BETWEEN_MILLIS / 1000.0) + 1;
    Load.Running load = Load.start(gateway, seconds);
    for (int number = 1; number <= switches; number++) {
      Thread.sleep(BETWEEN_MILLIS);
      shift(number % 2 == 1 ? 100 : 0);
    }
    return load.await();
  }

  private void shift(int weight) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(world.get("playground.gateway.admin")).resolve("/routes"))
            .header("Authorization", "Bearer " + world.get("playground.gateway.token"))
            .header("If-Match", "*")
            .PUT(
                BodyPublishers.ofString(
                    "{\"routes\":[{\"path\":\"/\",\"baseline\":\"v1\",\"candidate\":\"v2\",\"weight\":%d}],\"drained\":[]}"
                        .formatted(weight)))
            .build();
    HttpResponse<String> answer = client.send(request, BodyHandlers.ofString());
    if (answer.statusCode() != 200) {
      throw new IllegalStateException("the gateway refused: " + answer.body());
    }
  }

  /** What wrk saw: requests, those that failed (socket errors, time-outs, not 2xx or 3xx). */
  private record Load(long requests, long failed, double rate) {

    /** A wrk that works. */
    private record Running(Process process) {

      Load await() throws Exception {
        String printed =
            new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
          throw new IllegalStateException("wrk failed: " + printed);
        }
        long failed = 0;
        for (String line : printed.lines().toList()) {
          if (line.contains("Socket errors") || line.contains("Non-2xx")) {
            Matcher numbers = Pattern.compile("[0-9]+").matcher(line.replace("2xx or 3xx", ""));
            while (numbers.find()) {
              failed += Long.parseLong(numbers.group());
            }
          }
        }
        return new Load(
            Long.parseLong(first(TOTAL, printed)),
            failed,
            Double.parseDouble(first(RATE, printed)));
      }

      private static String first(Pattern pattern, String printed) {
        Matcher matcher = pattern.matcher(printed);
        if (!matcher.find()) {
          throw new IllegalStateException("wrk printed something else: " + printed);
        }
        return matcher.group(1);
      }
    }

    static Running start(URI address, int seconds) throws Exception {
      return new Running(
          new ProcessBuilder(
                  "wrk",
                  "-t1",
                  "-c" + CONNECTIONS,
                  "-d" + seconds + "s",
                  "--timeout",
                  "10s",
                  address.resolve("/conversations?user=1").toString())
              .redirectErrorStream(true)
              .start());
    }

    static Load at(URI address, int seconds) throws Exception {
      return start(address, seconds).await();
    }

    Load print(String what) {
      System.out.printf("  %s: %.0f requests/s, %d failed%n", what, rate, failed);
      return this;
    }
  }
}
