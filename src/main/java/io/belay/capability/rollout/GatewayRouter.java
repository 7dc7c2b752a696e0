package io.belay.capability.rollout;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.belay.target.RouterStatistics;
import io.belay.target.RouterTarget;
import io.belay.target.TargetException;
import io.belay.target.Weight;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Belay's own gateway, over its administration API. The weight is that of the route {@code /},
 * which must lead to the target's baseline and candidate; routes of other paths keep their own, and
 * their requests count for neither side. A state contains all routes. Changes are conditional on
 * what was read; another writer's change in between is read again and kept.
 */
final class GatewayRouter implements Router {

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int ATTEMPTS = 5;

  private final RouterTarget target;
  private final GatewayClient client;

  GatewayRouter(RouterTarget target, GatewayClient client) {
    this.target = target;
    this.client = client;
  }

  @Override
  public State state() {
    JsonNode routes = client.get(target, "/routes").body().path("routes");
    return new State(weight(mainRoute(routes)), routes.toString());
  }

  @Override
  public Weight shift(Weight weight, long fence) {
    return change(
        fence,
        routes -> {
          JsonNode changed = routes.deepCopy();
          ((ObjectNode) mainRoute(changed)).set("weight", JSON.valueToTree(weight));
          return changed;
        });
  }

  @Override
  public Weight restore(State state, long fence) {
    JsonNode wanted;
    try {
      wanted = JSON.readTree(state.document());
    } catch (JsonProcessingException e) {
      throw new TargetException("the saved routes cannot be read; nothing was changed", e);
    }
    if (!wanted.isArray()) {
      throw new TargetException(
          "the saved routes are no list of routes; nothing was changed: " + wanted);
    }
    wanted.forEach(this::cut);
    return change(fence, routes -> wanted);
  }

  /** Makes the route cut at weight 0, whatever its mode was: the candidate may be stopped next. */
  private void cut(JsonNode route) {
    if (route instanceof ObjectNode ours
        && ours.path("candidate").asText().equals(target.candidate())
        && ours.path("weight").decimalValue().signum() == 0) {
      ours.remove("atZero");
    }
  }

  @Override
  public Leaving leaving() {
    JsonNode statistics = client.get(target, "/statistics").body();
    return new Leaving(
        statistics.path("webSocketsLeaving").asLong(),
        Duration.ofSeconds(statistics.path("webSocketsLeaveWithinSeconds").asLong()));
  }

  private Weight change(long fence, Function<JsonNode, JsonNode> change) {
    String conflict = "";
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      GatewayClient.Reply before = client.get(target, "/routes");
      JsonNode routes = before.body().path("routes");
      JsonNode wanted = change.apply(routes);
      if (wanted.equals(routes)) {
        return weight(mainRoute(routes));
      }
      ReceivingSide.require(
          target, weight(mainRoute(routes)), weight(mainRoute(wanted)), servers());
      ObjectNode body = JSON.createObjectNode();
      body.set("routes", wanted);
      GatewayClient.Reply reply = client.put(target, "/routes", body, before.etag(), fence);
      if (!reply.conflict()) {
        return readBack(wanted);
      }
      conflict = reply.body().path("detail").asText();
    }
    throw new TargetException(
        "%s refuses the new routes: %s".formatted(target.describe(), conflict));
  }

  private Weight readBack(JsonNode wanted) {
    JsonNode now = client.get(target, "/routes").body().path("routes");
    if (!now.equals(wanted)) {
      throw new TargetException(
          "%s was told %s but says %s; somebody else changes it"
              .formatted(target.describe(), wanted, now));
    }
    return weight(mainRoute(now));
  }

  /** Refuses an absent weight, which does not mean 0. */
  private Weight weight(JsonNode route) {
    JsonNode weight = route.path("weight");
    try {
      if (weight.isNumber()) {
        return Weight.of(weight.decimalValue());
      }
    } catch (IllegalArgumentException e) {
      throw new TargetException(
          "%s: the weight of its route / %s".formatted(target.describe(), e.getMessage()), e);
    }
    throw new TargetException(
        "%s tells no weight of its route /: %s".formatted(target.describe(), route));
  }

  private JsonNode mainRoute(JsonNode routes) {
    for (JsonNode route : routes) {
      if (route.path("path").asText().equals("/")) {
        boolean ours =
            route.path("baseline").asText().equals(target.baseline())
                && route.path("candidate").asText().equals(target.candidate());
        if (!ours) {
          throw new TargetException(
              "%s splits / between '%s' and '%s', but the target says '%s' and '%s'; nothing was changed"
                  .formatted(
                      target.describe(),
                      route.path("baseline").asText(),
                      route.path("candidate").asText(),
                      target.baseline(),
                      target.candidate()));
        }
        return route;
      }
    }
    throw new TargetException(target.describe() + " has no route /");
  }

  @Override
  public List<Server> servers() {
    List<Server> servers = new ArrayList<>();
    client
        .get(target, "/statistics")
        .body()
        .path("servers")
        .properties()
        .forEach(
            entry ->
                servers.add(
                    new Server(
                        entry.getKey(),
                        entry.getValue().path("backend").asText(),
                        entry.getValue().path("drained").asBoolean(),
                        entry.getValue().path("up").asBoolean(true),
                        entry.getValue().path("inFlight").asLong())));
    return servers;
  }

  @Override
  public void drain(String server, long fence) {
    setDrained(server, true, fence);
  }

  @Override
  public void undrain(String server, long fence) {
    setDrained(server, false, fence);
  }

  private void setDrained(String name, boolean drained, long fence) {
    if (server(name).drained() == drained) {
      return;
    }
    String path =
        "/servers/%s/%s"
            .formatted(
                URLEncoder.encode(name, StandardCharsets.UTF_8), drained ? "drain" : "undrain");
    GatewayClient.Reply reply = client.post(target, path, fence);
    if (reply.conflict() || server(name).drained() != drained) {
      throw new TargetException(
          "%s does not %s server '%s': %s"
              .formatted(
                  target.describe(),
                  drained ? "drain" : "undrain",
                  name,
                  reply.body().path("detail").asText("somebody else changes it")));
    }
  }

  @Override
  public RouterStatistics statistics() {
    return new GatewayStatistics(target)
        .of(client.get(target, "/statistics").body(), () -> state().weight().percent());
  }
}
