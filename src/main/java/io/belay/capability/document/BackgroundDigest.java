package io.belay.capability.document;

import java.security.MessageDigest;
import java.util.concurrent.CompletableFuture;

/** SHA-256 of bytes in a buffer, computed on another core while the caller reads the buffer. */
final class BackgroundDigest {

  private final MessageDigest digest = FileState.digest();
  private CompletableFuture<Void> working = CompletableFuture.completedFuture(null);

  /** The bytes must not change until the next call of any method has returned. */
  void update(byte[] buffer, int offset, int length) {
    await();
    working = CompletableFuture.runAsync(() -> digest.update(buffer, offset, length));
  }

  /** Waits until the buffer may be changed. */
  void await() {
    working.join();
  }

  /** The hash of all bytes so far; starts anew. */
  String sha256() {
    await();
    return FileState.hex(digest);
  }
}
