package io.belay.capability.check;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.belay.capability.check.ServiceLocations.Location;
import io.belay.target.HttpProbe;
import io.belay.target.ServiceTarget;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.springframework.stereotype.Component;

/**
 * Lark's handshake for a webhook address: a request of type {@code url_verification} carries the
 * verification token and a random challenge, and the service must echo the challenge. A request
 * with another token must not be answered with its challenge, or anybody could feed the service.
 */
@Component
final class WebhookCheck {

  private final JsonMapper json = JsonMapper.builder().build();
  private final HttpProbe http;

  WebhookCheck(HttpProbe http) {
    this.http = http;
  }

  /** At each location of the service. */
  Findings check(String name, ServiceTarget service, List<Location> locations) {
    Findings findings = new Findings();
    if (!hasWebhook(service)) {
      findings.add("service '%s' has no webhook path in the environment", name);
      return findings;
    }
    if (locations.isEmpty()) {
      findings.add("no instance of service '%s' is left", name);
    }
    if (!service.webhookToken().isPresent()) {
      findings.add("service '%s' has no webhook-token in the environment", name);
      return findings;
    }
    locations.forEach(location -> check(service, location.url(), findings));
    return findings;
  }

  static boolean hasWebhook(ServiceTarget service) {
    return service.webhook() != null && !service.webhook().isBlank();
  }

  private void check(ServiceTarget service, URI url, Findings findings) {
    String challenge = UUID.randomUUID().toString();
    HttpProbe.Answer right = ask(service, url, service.webhookToken().reveal(), challenge);
    if (!right.ok()) {
      findings.add("the handshake is refused (%s); check the verification token", right.describe());
    } else if (!echoes(right, challenge)) {
      findings.add("the handshake is answered without the challenge (%s)", right.describe());
    }
    String other = UUID.randomUUID().toString();
    HttpProbe.Answer wrong = ask(service, url, "wrong-" + UUID.randomUUID(), other);
    if (!wrong.answered()) {
      findings.add("a wrong token is not answered at all (%s)", wrong.describe());
    } else if (wrong.status() >= 500) {
      findings.add("a wrong token makes the service fail (%s)", wrong.describe());
    } else if (wrong.ok() && echoes(wrong, other)) {
      findings.add("a wrong token is accepted: anybody could send events to the service");
    }
  }

  private HttpProbe.Answer ask(ServiceTarget service, URI url, String token, String challenge) {
    try {
      String body =
          json.writeValueAsString(
              Map.of("type", "url_verification", "token", token, "challenge", challenge));
      return http.postJson(url, service.webhook(), body, service.timeout());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private boolean echoes(HttpProbe.Answer answer, String challenge) {
    try {
      return json.readTree(answer.body()).path("challenge").asText().equals(challenge);
    } catch (JsonProcessingException e) {
      return false;
    }
  }
}
