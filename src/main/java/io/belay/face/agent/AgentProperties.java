package io.belay.face.agent;

import io.belay.target.Secret;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * The agent's login and the Belay that it works for ({@code belay.agent.*}).
 *
 * @param name a user in Belay's group {@code service} who is listed in its {@code belay.agents}
 * @param password of that user
 * @param url of Belay, or of the load balancer before its nodes
 * @param allowHttp whether {@code url} may be http to another machine; safe only in a network that
 *     nobody else can listen to
 */
@Validated
@ConfigurationProperties("belay.agent")
record AgentProperties(
    @NotNull(message = "is required")
        @Pattern(
            regexp = "[a-z0-9][a-z0-9-]{0,31}",
            message = "must have lower-case letters, digits and '-'")
        String name,
    @NotNull(message = "is required") Secret password,
    @NotNull(message = "is required") URI url,
    @DefaultValue("false") boolean allowHttp) {

  AgentProperties {
    if (url != null && !allowHttp && !"https".equals(url.getScheme()) && !isLocal(url)) {
      throw new IllegalArgumentException(
          "belay.agent.url is %s; it must be https, since a password goes there".formatted(url));
    }
  }

  private static boolean isLocal(URI url) {
    try {
      return "http".equals(url.getScheme())
          && InetAddress.getByName(url.getHost()).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }
}
