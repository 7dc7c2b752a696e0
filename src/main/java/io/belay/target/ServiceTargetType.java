package io.belay.target;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.springframework.stereotype.Component;

/** {@code type: service}. Probed at its {@code ready} path. */
@Component
final class ServiceTargetType implements TargetType<ServiceTarget> {

  private final HttpProbe http;

  ServiceTargetType(HttpProbe http) {
    this.http = http;
  }

  @Override
  public String name() {
    return "service";
  }

  @Override
  public Class<ServiceTarget> settings() {
    return ServiceTarget.class;
  }

  @Override
  public void check(ServiceTarget service, SettingRules rules) {
    rules.web(service.url(), "url");
    rules.require(!service.url().toString().endsWith("/"), "url", "must not end with a slash");
    rules.path(service.health(), "health");
    rules.path(service.ready(), "ready");
    rules.path(service.metrics(), "metrics");
    rules.path(service.webhook(), "webhook");
    for (int i = 0; i < service.endpoints().size(); i++) {
      endpoint(service.endpoints().get(i), "endpoints[" + i + "]", rules);
    }
    List<String> integrations = service.integrations();
    for (int i = 0; i < integrations.size(); i++) {
      rules.path(integrations.get(i), "integrations[" + i + "]");
    }
    Set<String> names = new HashSet<>();
    for (int i = 0; i < service.instances().size(); i++) {
      ServiceTarget.Instance instance = service.instances().get(i);
      String at = "instances[" + i + "]";
      rules.web(instance.url(), at + ".url");
      rules.require(names.add(instance.name()), at + ".name", "must be unique within the service");
    }
  }

  private static void endpoint(String written, String setting, SettingRules rules) {
    try {
      rules.path(Endpoint.parse(written).path(), setting);
    } catch (IllegalArgumentException e) {
      rules.require(false, setting, "must be a path, or a path and a status such as '/admin 401'");
    }
  }

  @Override
  public Optional<Version> probe(ServiceTarget service) {
    HttpProbe.Answer answer = http.get(service.url(), service.ready(), service.timeout());
    if (!answer.ok()) {
      throw new TargetException("not ready: " + answer.describe());
    }
    return Optional.of(Version.ANY);
  }
}
