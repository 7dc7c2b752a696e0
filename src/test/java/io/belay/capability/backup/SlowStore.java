package io.belay.capability.backup;

import io.belay.artifact.ArtifactStore;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;

/** A store whose disk takes its time for every write. */
final class SlowStore {

  /** What happens before each write. */
  @FunctionalInterface
  interface Pause {
    void take() throws InterruptedException;
  }

  private SlowStore() {}

  static ArtifactStore around(ArtifactStore store, Pause pause) {
    return (ArtifactStore)
        Proxy.newProxyInstance(
            SlowStore.class.getClassLoader(),
            new Class<?>[] {ArtifactStore.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("write")) {
                ArtifactStore.Body body = (ArtifactStore.Body) arguments[3];
                ArtifactStore.Body slow = out -> body.writeTo(new Slow(out, pause));
                arguments[3] = slow;
              }
              try {
                return method.invoke(store, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  private static final class Slow extends FilterOutputStream {

    private final Pause pause;

    Slow(OutputStream out, Pause pause) {
      super(out);
      this.pause = pause;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      try {
        pause.take();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      out.write(bytes, offset, length);
    }
  }
}
