package io.belay.capability.flag;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.belay.split.Bucketing;
import io.belay.split.Rollout;
import io.belay.step.ValueStore;
import io.belay.target.TargetException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** How a flag's state is written, and read again. */
final class FlagText {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Map<String, String> USER = Map.of("var", "targetingKey");

  private final FlagTarget flag;

  FlagText(FlagTarget flag) {
    this.flag = flag;
  }

  String everybody() {
    return isFlagd() ? json(Map.of("if", List.of(true, flag.on(), flag.off()))) : flag.on();
  }

  String nobody() {
    return isFlagd() ? json(Map.of("if", List.of(false, flag.on(), flag.off()))) : flag.off();
  }

  /**
   * flagd decides who is in: by its flag's own key, and the default variant without a user's. An
   * {@code if} has three arguments, for flagd did not always take more.
   */
  String of(Rollout rollout) {
    if (!isFlagd()) {
      return rollout.toString();
    }
    int share = rollout.hundredths();
    return json(
        Map.of(
            "if",
            List.of(
                Map.of("in", List.of(USER, rollout.off())),
                flag.off(),
                Map.of(
                    "if",
                    List.of(
                        Map.of("in", List.of(USER, rollout.on())),
                        flag.on(),
                        Map.of(
                            "fractional",
                            List.of(
                                List.of(flag.on(), share),
                                List.of(flag.off(), Bucketing.BUCKETS - share))))))));
  }

  private static String json(Object value) {
    return JSON.valueToTree(value).toString();
  }

  boolean isEverybody(String text) {
    return isFlagd() ? everybody().equals(compact(text)) : everybody().equals(text);
  }

  boolean isNobody(String text) {
    return isFlagd() ? nobody().equals(compact(text)) : nobody().equals(text);
  }

  /** Empty when it is none that Belay writes. */
  Optional<Rollout> rollout(String text) {
    try {
      if (!isFlagd()) {
        return Optional.of(Rollout.valueOf(text));
      }
      JsonNode rule = JSON.readTree(text);
      Rollout rollout =
          new Rollout(
              rule.at("/if/2/if/2/fractional/0/1").asInt(-1),
              Bucketing.FLAGD_2,
              flag.name(),
              users(rule.at("/if/2/if/0/in/1")),
              users(rule.at("/if/0/in/1")));
      return of(rollout).equals(compact(text)) ? Optional.of(rollout) : Optional.empty();
    } catch (IllegalArgumentException | JsonProcessingException e) {
      return Optional.empty();
    }
  }

  private static Set<String> users(JsonNode list) {
    Set<String> users = new TreeSet<>();
    list.forEach(user -> users.add(user.asText()));
    return users;
  }

  private static String compact(String text) {
    try {
      return JSON.readTree(text).toString();
    } catch (JsonProcessingException e) {
      return text;
    }
  }

  /**
   * @param object JSON pointer to the object with the flag's key; empty when its values are no JSON
   */
  boolean fits(Optional<String> object) {
    String name = "/" + flag.name().replace("~", "~0").replace("/", "~1");
    return !isFlagd() || object.filter(at -> at.endsWith(name)).isPresent();
  }

  void requireDecides(ValueStore store) throws Exception {
    Optional<String> problem = problem(store);
    if (problem.isPresent()) {
      throw new TargetException(
          "%s cannot be set: %s. Nothing was changed; correct its definition, then retry"
              .formatted(flag.describe(), problem.get()));
    }
  }

  /**
   * Why the rule alone does not decide: a disabled flag has none, and a user without a key gets the
   * default variant.
   */
  Optional<String> problem(ValueStore store) throws Exception {
    if (!isFlagd()) {
      return Optional.empty();
    }
    Map<String, String> about = store.plain(List.of("state", "defaultVariant", "variants"));
    if (!"ENABLED".equals(about.get("state"))) {
      return Optional.of("its 'state' is not ENABLED");
    }
    if (!flag.off().equals(about.get("defaultVariant"))) {
      return Optional.of(
          "its 'defaultVariant' is not '%s', which users without a key must get"
              .formatted(flag.off()));
    }
    String variants = Optional.ofNullable(about.get("variants")).orElse("{}");
    return hasBoth(variants)
        ? Optional.empty()
        : Optional.of("its 'variants' lack '%s' or '%s'".formatted(flag.on(), flag.off()));
  }

  private boolean hasBoth(String variants) {
    try {
      JsonNode all = JSON.readTree(variants);
      return all.has(flag.on()) && all.has(flag.off());
    } catch (JsonProcessingException e) {
      return false;
    }
  }

  private boolean isFlagd() {
    return flag.form() == FlagTarget.Form.FLAGD;
  }
}
