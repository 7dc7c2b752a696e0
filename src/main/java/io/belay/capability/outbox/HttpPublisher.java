package io.belay.capability.outbox;

import io.belay.step.Expectations;
import io.belay.step.StepContext;
import io.belay.target.HttpProbe;
import io.belay.target.HttpTarget;
import io.belay.target.Masking;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * Posts each event to one path of a server.
 *
 * @param source of the events
 * @param expected what the server must answer
 */
record HttpPublisher(
    HttpProbe http,
    HttpTarget target,
    String path,
    String source,
    Expectations expected,
    StepContext context)
    implements Publisher {

  /** Statuses about the server, not about the event: too many requests, bad gateway and such. */
  private static final Set<Integer> OVERLOADED = Set.of(429, 502, 503, 504);

  @Override
  public Answer publish(Event event) throws Exception {
    URI uri = URI.create(target.url() + path);
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri).POST(BodyPublishers.ofString(event.cloudEvent(source)));
    target.headers().forEach((header, value) -> request.setHeader(header, value.reveal()));
    request.setHeader("Content-Type", "application/cloudevents+json; charset=utf-8");
    request.setHeader("X-Belay-Fence", Long.toString(context.fence()));
    HttpProbe.Answer answer = await(http.send(request, uri, target.timeout()));
    if (!answer.answered()) {
      return Answer.unanswered(answer.failure());
    }
    String body = Masking.of(target.secrets()).mask(answer.body());
    List<String> unmet =
        expected.unmet(new Expectations.Answer(answer.status(), body, answer.whole()));
    if (unmet.isEmpty()) {
      return Answer.PUBLISHED;
    }
    String why = String.join("; ", unmet);
    return OVERLOADED.contains(answer.status()) ? Answer.unanswered(why) : Answer.refused(why);
  }

  @SuppressWarnings("try") // the registration is only to be closed
  private HttpProbe.Answer await(CompletableFuture<HttpProbe.Answer> answer) throws Exception {
    try (AutoCloseable registration = context.cancellation().onCancel(() -> answer.cancel(true))) {
      return answer.join();
    } catch (RuntimeException e) {
      context.cancellation().throwIfCancelled();
      throw e;
    }
  }
}
