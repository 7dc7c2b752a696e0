package io.belay.artifact;

import com.github.luben.zstd.ZstdInputStream;
import com.github.luben.zstd.ZstdOutputStream;
import io.belay.file.PrivateFiles;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/** The compression of artifacts. pg_dump's own would take four times as long. */
public final class Zstd {

  /** 1 to 3: above that, the dump waits for the compression. */
  public static final int LEVEL = 1;

  static {
    // The library unpacks native code there, which this process then executes.
    System.setProperty("ZstdTempFolder", libraryDirectory().toString());
  }

  private Zstd() {}

  private static Path libraryDirectory() {
    try {
      Path directory = PrivateFiles.temporaryDirectory("belay-zstd-");
      directory.toFile().deleteOnExit(); // deleted after the library, which is registered later
      return directory;
    } catch (IOException e) {
      throw new UncheckedIOException("no directory could be made for the library zstd-jni", e);
    }
  }

  /** Closing ends the frame (with its checksum) and leaves {@code out} open. */
  public static OutputStream compress(OutputStream out) throws IOException {
    ZstdOutputStream zstd = new ZstdOutputStream(new KeptOpen(out), LEVEL);
    zstd.setChecksum(true);
    zstd.setWorkers(Runtime.getRuntime().availableProcessors());
    return zstd;
  }

  /** Reading fails when the frame is cut short or its checksum is wrong. */
  public static InputStream decompress(InputStream in) throws IOException {
    return new ZstdInputStream(in);
  }

  private static final class KeptOpen extends FilterOutputStream {

    KeptOpen(OutputStream out) {
      super(out);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      out.write(bytes, offset, length);
    }

    @Override
    public void close() throws IOException {
      flush();
    }
  }
}
