package io.belay.target;

import java.net.URI;
import org.springframework.stereotype.Component;

/** {@code type: router}. */
@Component
final class RouterTargetType implements TargetType<RouterTarget> {

  @Override
  public String name() {
    return "router";
  }

  @Override
  public Class<RouterTarget> settings() {
    return RouterTarget.class;
  }

  @Override
  public void check(RouterTarget router, SettingRules rules) {
    rules.web(router.url(), "url");
    URI admin = router.admin();
    if (router.kind() == RouterTarget.Kind.GATEWAY) {
      rules.web(admin, "admin");
    } else {
      boolean tcp =
          "tcp".equals(admin.getScheme()) && admin.getHost() != null && admin.getPort() > 0;
      boolean unix = "unix".equals(admin.getScheme()) && admin.getPath() != null;
      rules.require(
          tcp || unix, "admin", "must be tcp://host:port or unix:///path for kind 'haproxy'");
      haproxyName(router.backend(), "backend", rules);
      haproxyName(router.baseline(), "baseline", rules);
      haproxyName(router.candidate(), "candidate", rules);
    }
    rules.require(
        !router.baseline().equals(router.candidate()),
        "candidate",
        "must be another server than 'baseline'");
  }

  /** Allows only the names that HAProxy itself accepts; anything else could inject a command. */
  private static void haproxyName(String name, String setting, SettingRules rules) {
    rules.require(name.matches("[A-Za-z0-9_.:-]+"), setting, "must be letters, digits and . _ : -");
  }
}
