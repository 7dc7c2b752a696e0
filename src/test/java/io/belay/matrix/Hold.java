package io.belay.matrix;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A step that is held until the run has left it. */
final class Hold {

  private static final int LONGEST_SECONDS = 120;

  private final CountDownLatch reached = new CountDownLatch(1);
  private final CountDownLatch released = new CountDownLatch(1);

  void stay() {
    reached.countDown();
    try {
      if (!released.await(LONGEST_SECONDS, TimeUnit.SECONDS)) {
        throw new IllegalStateException("held in vain");
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  boolean holds() {
    return reached.getCount() == 0 && released.getCount() > 0;
  }

  void release() {
    released.countDown();
  }
}
