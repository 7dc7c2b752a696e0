package io.belay.target;

import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What decides who answers a request ({@code type: router}): Belay's gateway or HAProxy.
 *
 * @param kind the product, and so the protocol
 * @param url where the users' traffic arrives
 * @param admin the gateway's administration address, or HAProxy's runtime API as {@code
 *     tcp://host:port} or {@code unix:///path}
 * @param token the gateway's administration token
 * @param backend the HAProxy backend that holds the servers; unused by the gateway
 * @param baseline server (group) name of the old version
 * @param candidate server (group) name of the new version
 */
public record RouterTarget(
    @NotNull Kind kind,
    @NotNull URI url,
    @NotNull URI admin,
    @NotNull @DefaultValue("") Secret token,
    @DefaultValue("main") String backend,
    @NotBlank @DefaultValue("v1") String baseline,
    @NotBlank @DefaultValue("v2") String candidate,
    @DefaultValue("5s") Duration timeout)
    implements Target {

  /** The supported routers. */
  public enum Kind {
    GATEWAY,
    HAPROXY
  }

  @Override
  public Optional<String> identity() {
    return Optional.of(
        Identity.address("router", admin) + (kind == Kind.HAPROXY ? "#" + backend : ""));
  }

  @Override
  public Optional<String> address() {
    return identity().map(control -> control + " for " + Identity.address("users at", url));
  }

  @Override
  public String describe() {
    return "%s at %s".formatted(kind == Kind.GATEWAY ? "gateway" : "HAProxy", admin);
  }

  @Override
  public List<Secret> secrets() {
    return List.of(token);
  }
}
