package io.belay.document;

import java.security.MessageDigest;
import java.util.concurrent.CompletableFuture;

/** SHA-256 of bytes in a buffer, made on another core while the buffer is read here. */
final class BackgroundDigest {

  private final MessageDigest digest = FileState.digest();
  private CompletableFuture<Void> working = CompletableFuture.completedFuture(null);

  /** The bytes must stay as they are until the next call of any kind has returned. */
  void update(byte[] buffer, int offset, int length) {
    await();
    working = CompletableFuture.runAsync(() -> digest.update(buffer, offset, length));
  }

  /** From now on the buffer may be changed. */
  void await() {
    working.join();
  }

  /** Of all that was given; begins anew afterwards. */
  String sha256() {
    await();
    return FileState.hex(digest);
  }
}
