package io.belay.capability.backup;

import io.belay.artifact.Artifact;
import io.belay.artifact.ArtifactSettings;
import io.belay.artifact.ArtifactStore;
import io.belay.artifact.FileArtifactStore;
import io.belay.playground.Scratch;
import io.belay.target.Secret;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;

/** A store whose disk fails while a verified artifact is read: after a part of it, once told to. */
final class BreakingStore {

  private final ArtifactStore files;
  private final double part;
  private final boolean withError;
  private boolean breaking;

  /**
   * @param withError whether the end is an error, or looks like the end of the file
   */
  BreakingStore(double part, boolean withError) throws IOException {
    this.files =
        new FileArtifactStore(new ArtifactSettings(Scratch.directory("artifacts"), Secret.none()));
    this.part = part;
    this.withError = withError;
  }

  void startBreaking() {
    breaking = true;
  }

  ArtifactStore artifacts() {
    return (ArtifactStore)
        Proxy.newProxyInstance(
            getClass().getClassLoader(), new Class<?>[] {ArtifactStore.class}, this::invoke);
  }

  private Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
    try {
      Object result = method.invoke(files, arguments);
      return breaking && method.getName().equals("open")
          ? new Breaking((InputStream) result, (long) (((Artifact) arguments[0]).size() * part))
          : result;
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  private final class Breaking extends FilterInputStream {

    private long left;

    Breaking(InputStream in, long left) {
      super(in);
      this.left = left;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      if (left == 0) {
        if (withError) {
          throw new IOException("the disk is broken");
        }
        return -1;
      }
      int n = super.read(bytes, offset, (int) Math.min(left, length));
      left -= Math.max(n, 0);
      return n;
    }
  }
}
