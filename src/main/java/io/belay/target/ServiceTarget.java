package io.belay.target;

import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * One version of an application behind HTTP ({@code type: service}), with the commands that start
 * and stop it (docker, systemd, pm2, anything).
 *
 * @param url base address, without a trailing slash
 * @param health path that answers 2xx when alive
 * @param ready path that answers 2xx when ready for traffic
 * @param metrics path of a JSON document or Prometheus text with the service's own figures
 * @param log file to watch for the pattern ERROR; empty when there is none
 * @param endpoints paths that the smoke test and the gates request, each expected to answer 2xx;
 *     another status and a text in the body may follow: {@link Endpoint}
 * @param webhook path of the webhook whose verification handshake is checked
 * @param webhookToken the verification token that the handshake carries
 * @param integrations paths that answer 2xx when an integration (AI service, …) is reachable
 * @param start starts it; must return when started; does nothing when it runs already
 * @param stop stops it; does nothing when it is stopped already
 * @param running exits 0 when it runs
 * @param startTimeout bound from start to healthy
 * @param instances the single instances, for a rolling update; empty when there is but one
 */
public record ServiceTarget(
    @NotNull URI url,
    @DefaultValue("/health") String health,
    @DefaultValue("/health") String ready,
    String metrics,
    String log,
    @DefaultValue List<String> endpoints,
    String webhook,
    @NotNull @DefaultValue("") Secret webhookToken,
    @DefaultValue List<String> integrations,
    @Valid Command start,
    @Valid Command stop,
    @Valid Command running,
    @DefaultValue("60s") Duration startTimeout,
    @DefaultValue("5s") Duration timeout,
    @Valid @DefaultValue List<Instance> instances)
    implements Target {

  /**
   * One instance of a service, in a rolling update.
   *
   * @param name also the name of its server at the router
   */
  public record Instance(
      @NotNull String name,
      @NotNull URI url,
      @Valid Command start,
      @Valid Command stop,
      @Valid Command running) {}

  @Override
  public Optional<String> identity() {
    return Optional.of(Identity.address("service", url));
  }

  @Override
  public Optional<String> address() {
    StringBuilder address = new StringBuilder(Identity.address("service", url));
    instances.forEach(
        one ->
            address
                .append(", ")
                .append(one.name())
                .append(" at ")
                .append(Identity.address("service", one.url())));
    return Optional.of(address.toString());
  }

  @Override
  public String describe() {
    return "service at " + url;
  }

  @Override
  public List<Secret> secrets() {
    return Stream.of(
            Stream.of(webhookToken),
            Command.secrets(start, stop, running),
            instances.stream().flatMap(i -> Command.secrets(i.start(), i.stop(), i.running())))
        .flatMap(secrets -> secrets)
        .toList();
  }
}
