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
 */
@Described(
    "One version of an application behind HTTP, with the commands that start and stop it (docker, systemd, pm2, anything).")
public record ServiceTarget(
    @Described("base address, without a trailing slash") @NotNull URI url,
    @Described("path that answers 2xx when alive") @DefaultValue("/health") String health,
    @Described("path that answers 2xx when ready for traffic") @DefaultValue("/health")
        String ready,
    @Described("path of a JSON document or Prometheus text with the service's own figures")
        String metrics,
    @Described("file to watch for the pattern ERROR; empty when there is none") String log,
    @Described(
            "paths that the smoke test and the gates request, each expected to answer 2xx; another status and a text in the body may follow (`/admin 401`, `/version 200 v2`)")
        @DefaultValue
        List<String> endpoints,
    @Described("path of the webhook whose verification handshake is checked") String webhook,
    @Described("the verification token that the handshake carries") @NotNull @DefaultValue("")
        Secret webhookToken,
    @Described("paths that answer 2xx when an integration (AI service, …) is reachable")
        @DefaultValue
        List<String> integrations,
    @Described("starts it; must return when started; does nothing when it runs already") @Valid
        Command start,
    @Described("stops it; does nothing when it is stopped already") @Valid Command stop,
    @Described("exits 0 when it runs") @Valid Command running,
    @Described("bound from start to healthy") @DefaultValue("60s") Duration startTimeout,
    @Described("bound for one request") @DefaultValue("5s") Duration timeout,
    @Described("the single instances, for a rolling update; empty when there is but one")
        @Valid
        @DefaultValue
        List<Instance> instances)
    implements WebTarget {

  /**
   * One instance of a service in a rolling update.
   *
   * @param name also that of its server at the router
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
