package io.belay.notify;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.belay.step.StepContext;
import io.belay.target.TargetException;
import io.belay.target.WebhookTarget;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.springframework.stereotype.Component;

/**
 * Posts to an incoming webhook in Slack's format. Its address is a secret and stays out of errors.
 */
@Component
class Webhook {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final HttpClient client = HttpClient.newHttpClient();

  /**
   * Delivers the message once; bounded by the target's time-out, answer included. All attempts of
   * one step carry the same {@code Idempotency-Key}, by which a receiver may drop the second.
   *
   * @throws TargetException when the receiver did not answer with 2xx; it may have got the message
   *     if it did not answer at all
   */
  void post(WebhookTarget webhook, String message, StepContext context) throws Exception {
    CompletableFuture<HttpResponse<Void>> answer =
        client.sendAsync(
            request(webhook, message, context), HttpResponse.BodyHandlers.discarding());
    AutoCloseable registration = context.cancellation().onCancel(() -> answer.cancel(true));
    try {
      int status = answer.get(webhook.timeout().toMillis(), TimeUnit.MILLISECONDS).statusCode();
      if (status / 100 != 2) {
        throw new TargetException(
            "the webhook answered %d: the message was not delivered. Check its address, then retry"
                .formatted(status));
      }
    } catch (TimeoutException e) {
      answer.cancel(true);
      throw undelivered("no answer within " + webhook.timeout());
    } catch (ExecutionException e) {
      // the cause's message may show the address
      throw undelivered(e.getCause().getClass().getSimpleName());
    } finally {
      registration.close();
    }
  }

  private static HttpRequest request(WebhookTarget webhook, String message, StepContext context) {
    try {
      return HttpRequest.newBuilder(URI.create(webhook.url().reveal()))
          .timeout(webhook.timeout())
          .header("Content-Type", "application/json")
          .header("Idempotency-Key", '"' + context.stepKey() + '"')
          .header("X-Belay-Fence", Long.toString(context.fence()))
          .POST(
              HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(Map.of("text", message))))
          .build();
    } catch (IllegalArgumentException e) {
      throw new TargetException("the webhook's address is no http or https URL");
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private static TargetException undelivered(String why) {
    return new TargetException(
        "the webhook could not be reached: %s. The message counts as not delivered".formatted(why));
  }
}
