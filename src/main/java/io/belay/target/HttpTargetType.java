package io.belay.target;

import org.springframework.stereotype.Component;

/** {@code type: http}. */
@Component
final class HttpTargetType implements TargetType<HttpTarget> {

  @Override
  public String name() {
    return "http";
  }

  @Override
  public Class<HttpTarget> settings() {
    return HttpTarget.class;
  }

  @Override
  public void check(HttpTarget http, SettingRules rules) {
    rules.web(http.url(), "url");
    rules.require(!http.url().toString().endsWith("/"), "url", "must not end with a slash");
    boolean changes = http.apply() != null || http.revert() != null;
    rules.require(!changes || http.check() != null, "check", "is needed beside 'apply'");
    rules.require(!changes || http.apply() != null, "apply", "is needed beside 'revert'");
    rules.require(
        !changes || http.revert() != null,
        "revert",
        "is needed beside 'apply': a change that nothing takes back cannot be rolled back");
    rules.require(!changes || isGiven(http.done()), "done", "is needed beside 'apply'");
    rules.require(!changes || isGiven(http.notDone()), "not-done", "is needed beside 'apply'");
    GivenParameters.check(http.parameters(), rules);
    rules.targets(http.changes(), "changes");
    http.carry()
        .forEach(
            (name, pointer) ->
                rules.require(
                    name.matches("[A-Z][A-Z0-9_]*") && pointer.matches("(/[^/]*)+"),
                    "carry." + name,
                    "must be a name in capitals, such as FLAG_ID, and a JSON pointer such as /data/id"));
  }

  private static boolean isGiven(String expectation) {
    return expectation != null && !expectation.isBlank();
  }
}
