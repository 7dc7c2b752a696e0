package io.belay.capability.notify;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.belay.step.Outbox.Message;
import io.belay.target.Secret;
import io.belay.target.TargetException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.springframework.stereotype.Component;

/**
 * Posts to an incoming webhook in Slack's format. Its address is a secret and stays out of errors.
 * With a signing key, {@code X-Belay-Signature} is {@code v1=} and the HMAC-SHA-256, in hex, of the
 * seconds in {@code X-Belay-Timestamp}, a dot, and the body.
 */
@Component
class Webhook {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final HttpClient client = HttpClient.newHttpClient();

  /**
   * Delivers the message once; bounded by the target's time-out, answer included. All attempts of
   * one step carry the same {@code Idempotency-Key}, by which a receiver may drop duplicates.
   *
   * @throws Refused when the receiver did not answer with 2xx
   * @throws TargetException when it did not answer; it may have received the message
   */
  void post(WebhookTarget webhook, Message message) throws InterruptedException {
    CompletableFuture<HttpResponse<Void>> answer =
        client.sendAsync(request(webhook, message), HttpResponse.BodyHandlers.discarding());
    try {
      HttpResponse<Void> response = answer.get(webhook.timeout().toMillis(), TimeUnit.MILLISECONDS);
      if (response.statusCode() / 100 != 2) {
        throw new Refused(response);
      }
    } catch (TimeoutException e) {
      throw undelivered("no answer within " + webhook.timeout());
    } catch (ExecutionException e) {
      // the cause's message may show the address
      throw undelivered(e.getCause().getClass().getSimpleName());
    } finally {
      answer.cancel(true);
    }
  }

  /** The receiver answered, but not with 2xx. */
  static final class Refused extends TargetException {

    private static final long serialVersionUID = 1L;

    private final Duration retryAfter;

    private Refused(HttpResponse<Void> response) {
      super(
          "the webhook answered %d: the message was not delivered. Check its address, then retry"
              .formatted(response.statusCode()));
      retryAfter =
          response.headers().firstValue("Retry-After").map(Refused::parse).orElse(Duration.ZERO);
    }

    /** The pause that the receiver asks for; zero when it asks for none, or in no known form. */
    Duration retryAfter() {
      return retryAfter;
    }

    /** Seconds, or a date (RFC 9110, section 10.2.3). */
    private static Duration parse(String value) {
      try {
        return value.matches("\\d{1,9}")
            ? Duration.ofSeconds(Long.parseLong(value))
            : Duration.between(
                Instant.now(),
                Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(value.strip())));
      } catch (DateTimeException unreadable) {
        return Duration.ZERO;
      }
    }
  }

  private static HttpRequest request(WebhookTarget webhook, Message message) {
    try {
      String body = JSON.writeValueAsString(Map.of("text", escaped(message.text())));
      HttpRequest.Builder request =
          HttpRequest.newBuilder(URI.create(webhook.url().reveal()))
              .timeout(webhook.timeout())
              .header("Content-Type", "application/json")
              .header("Idempotency-Key", '"' + message.key() + '"')
              .header("X-Belay-Fence", Long.toString(message.fence()))
              .POST(HttpRequest.BodyPublishers.ofString(body));
      if (webhook.signingKey() != null && webhook.signingKey().isPresent()) {
        String seconds = Long.toString(Instant.now().getEpochSecond());
        request
            .header("X-Belay-Timestamp", seconds)
            .header("X-Belay-Signature", signature(webhook.signingKey(), seconds + "." + body));
      }
      return request.build();
    } catch (IllegalArgumentException e) {
      throw new TargetException("the webhook's address is no http or https URL");
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Escapes the three characters that Slack treats as markup. */
  private static String escaped(String message) {
    return message.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }

  private static String signature(Secret key, String signed) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key.reveal().getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
      return "v1=" + HexFormat.of().formatHex(mac.doFinal(signed.getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static TargetException undelivered(String why) {
    return new TargetException(
        "the webhook could not be reached: %s. The message counts as not delivered".formatted(why));
  }
}
