package io.belay.target;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.zip.GZIPInputStream;

/**
 * The first MiB of an HTTP body; the exchange ends when that is full, so that no answer, however
 * long, fills Belay's memory. A body that the server has compressed with gzip, though nobody asked
 * for it, is unpacked, up to the same size. The caller must bound how long the body may take: the
 * request's own time-out ends when the headers arrive.
 */
public final class BoundedBody implements HttpResponse.BodySubscriber<BoundedBody.Content> {

  /**
   * @param whole false when the body was cut, or may have been
   */
  public record Content(byte[] bytes, boolean whole) {

    static final Content NONE = new Content(new byte[0], false);

    /** As UTF-8. */
    public String text() {
      return new String(bytes, StandardCharsets.UTF_8);
    }
  }

  /** In bytes. */
  private static final int LARGEST = 1 << 20;

  private final CompletableFuture<Content> body = new CompletableFuture<>();
  private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
  private final boolean gzip;
  private Flow.Subscription subscription;

  /**
   * @param response whose body this is
   */
  public BoundedBody(HttpResponse.ResponseInfo response) {
    gzip =
        response
            .headers()
            .firstValue("Content-Encoding")
            .filter(coding -> coding.strip().matches("(?i)(x-)?gzip"))
            .isPresent();
  }

  @Override
  public CompletionStage<Content> getBody() {
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
    Content received = new Content(kept.toByteArray(), kept.size() < LARGEST);
    try {
      body.complete(gzip && kept.size() > 0 ? unpacked(received) : received);
    } catch (IOException e) {
      body.completeExceptionally(
          new IOException("the body is not the gzip that its header announces", e));
    }
  }

  private static Content unpacked(Content packed) throws IOException {
    ByteArrayOutputStream unpacked = new ByteArrayOutputStream();
    byte[] buffer = new byte[1 << 13];
    try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(packed.bytes()))) {
      for (int n = in.read(buffer); n >= 0 && unpacked.size() < LARGEST; n = in.read(buffer)) {
        unpacked.write(buffer, 0, Math.min(n, LARGEST - unpacked.size()));
      }
    } catch (EOFException e) {
      if (packed.whole()) {
        throw e;
      }
    }
    return new Content(unpacked.toByteArray(), packed.whole() && unpacked.size() < LARGEST);
  }
}
