package io.belay.target;

import java.io.ByteArrayOutputStream;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;

/**
 * The first MiB of an HTTP body as text; the exchange ends when that is full, so that no answer,
 * however long, fills Belay's memory. The caller must bound how long the body may take: the
 * request's own time-out ends when the headers arrive.
 */
public final class BoundedBody implements HttpResponse.BodySubscriber<BoundedBody.Text> {

  /**
   * @param whole false when the body was cut, or may have been
   */
  public record Text(String text, boolean whole) {}

  /** In bytes. */
  private static final int LARGEST = 1 << 20;

  private final CompletableFuture<Text> body = new CompletableFuture<>();
  private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
  private Flow.Subscription subscription;

  @Override
  public CompletionStage<Text> getBody() {
    return body;
  }

  @Override
  public void onSubscribe(Flow.Subscription newSubscription) {
    subscription = newSubscription;
    subscription.request(Long.MAX_VALUE);
  }

  @Override
  public void onNext(List<ByteBuffer> buffers) {
    for (ByteBuffer buffer : buffers) {
      byte[] bytes = new byte[Math.min(buffer.remaining(), LARGEST - kept.size())];
      buffer.get(bytes);
      kept.writeBytes(bytes);
    }
    if (kept.size() >= LARGEST) {
      subscription.cancel();
      onComplete();
    }
  }

  @Override
  public void onError(Throwable failure) {
    body.completeExceptionally(failure);
  }

  @Override
  public void onComplete() {
    body.complete(new Text(kept.toString(StandardCharsets.UTF_8), kept.size() < LARGEST));
  }
}
