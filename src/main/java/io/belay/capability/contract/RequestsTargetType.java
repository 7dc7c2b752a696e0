package io.belay.capability.contract;

import io.belay.target.SettingRules;
import io.belay.target.TargetType;
import java.util.List;
import java.util.function.Predicate;
import org.springframework.stereotype.Component;

/** {@code type: requests}. */
@Component
final class RequestsTargetType implements TargetType<RequestsTarget> {

  private static final String PATH = "must be a path such as /items/*/id or /**/updatedAt";

  @Override
  public String name() {
    return "requests";
  }

  @Override
  public Class<RequestsTarget> settings() {
    return RequestsTarget.class;
  }

  @Override
  public void check(RequestsTarget requests, SettingRules rules) {
    if (requests.recordedAt() != null) {
      rules.web(requests.recordedAt(), "recorded-at");
    }
    each(requests.headers(), RequestHeaders::isName, "headers", "must be a header's name", rules);
    each(requests.ignored(), PathPatterns::isPattern, "ignored", PATH, rules);
    each(requests.unordered(), PathPatterns::isPattern, "unordered", PATH, rules);
    each(
        requests.varying(),
        one -> PathPatterns.isPattern(one) || contains(requests.headers(), one),
        "varying",
        PATH + ", or the name of one of 'headers'",
        rules);
  }

  private static boolean contains(List<String> headers, String name) {
    return headers.stream().anyMatch(name::equalsIgnoreCase);
  }

  private static void each(
      List<String> values,
      Predicate<String> holds,
      String setting,
      String rule,
      SettingRules rules) {
    for (int i = 0; i < values.size(); i++) {
      rules.require(holds.test(values.get(i)), "%s[%d]".formatted(setting, i), rule);
    }
  }
}
