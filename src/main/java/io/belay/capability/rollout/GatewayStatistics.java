package io.belay.capability.rollout;

import com.fasterxml.jackson.databind.JsonNode;
import io.belay.target.ClientGroups;
import io.belay.target.RouterStatistics;
import io.belay.target.RouterTarget;
import io.belay.target.TargetException;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.DoubleSupplier;

/** Reads the gateway's statistics: those of its route {@code /}. */
record GatewayStatistics(RouterTarget target) {

  /**
   * @param weight share of the candidate, in percent; asked last
   */
  RouterStatistics of(JsonNode statistics, DoubleSupplier weight) {
    JsonNode sides = statistics.path("routes").path("/");
    Map<String, RouterStatistics.Side> servers = new TreeMap<>();
    for (Map.Entry<String, JsonNode> server : statistics.path("servers").properties()) {
      servers.put(server.getKey(), side(server.getValue()));
    }
    return new RouterStatistics(
        side(sides.path("baseline")), side(sides.path("candidate")), servers, weight.getAsDouble());
  }

  private RouterStatistics.Side side(JsonNode side) {
    if (!side.has("requests")) {
      throw new TargetException(
          "%s tells no statistics of its route /; is its version older than Belay's?"
              .formatted(target.describe()));
    }
    return new RouterStatistics.Side(
        side.path("requests").asLong(),
        side.path("status4xx").asLong(),
        side.path("status5xx").asLong(),
        byMillis(side.path("histogramMs")),
        new RouterStatistics.Unanswered(0, 0, 0, byMillis(side.path("waitingMs"))),
        clients(side.path("clients")));
  }

  private static ClientGroups clients(JsonNode groups) {
    NavigableMap<String, ClientGroups.Answers> answers = new TreeMap<>();
    for (Map.Entry<String, JsonNode> group : groups.properties()) {
      answers.put(
          group.getKey(),
          new ClientGroups.Answers(
              group.getValue().path(0).asLong(), group.getValue().path(1).asLong()));
    }
    return new ClientGroups(answers);
  }

  private NavigableMap<Double, Long> byMillis(JsonNode counts) {
    NavigableMap<Double, Long> byMillis = new TreeMap<>();
    for (Map.Entry<String, JsonNode> bucket : counts.properties()) {
      byMillis.put(bound(bucket.getKey()), bucket.getValue().asLong());
    }
    return byMillis;
  }

  private double bound(String text) {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw new TargetException(
          "%s says '%s' where a latency in ms is expected; is it a gateway that answers there?"
              .formatted(target.describe(), text),
          e);
    }
  }
}
