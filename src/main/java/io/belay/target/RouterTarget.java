package io.belay.target;

import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.springframework.boot.context.properties.bind.DefaultValue;

/** What decides who answers a request ({@code type: router}): Belay's gateway or HAProxy. */
@Described("What decides who answers a request: Belay's gateway or HAProxy.")
@ProtectedKind(holdsData = false)
public record RouterTarget(
    @Described("the product, and so the protocol") @NotNull Kind kind,
    @Described("where the users' traffic arrives") @NotNull URI url,
    @Described(
            "the gateway's administration address, or HAProxy's runtime API as `tcp://host:port` or `unix:///path`")
        @NotNull
        URI admin,
    @Described("the gateway's administration token") @NotNull @DefaultValue("") Secret token,
    @Described("the HAProxy backend that holds the servers; unused by the gateway")
        @DefaultValue("main")
        String backend,
    @Described("server (group) name of the old version") @NotBlank @DefaultValue("v1")
        String baseline,
    @Described("server (group) name of the new version") @NotBlank @DefaultValue("v2")
        String candidate,
    @Described("bound for one request") @DefaultValue("5s") Duration timeout)
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
