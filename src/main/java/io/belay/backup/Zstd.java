package io.belay.backup;

import com.github.luben.zstd.ZstdInputStream;
import com.github.luben.zstd.ZstdOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** Compression outside of the dumping program, which would do it four times slower. */
final class Zstd {

  /** 1 to 3: above, the dump waits for the compression. */
  static final int LEVEL = 1;

  private Zstd() {}

  /** Closing ends the frame (with its checksum) and leaves {@code out} open. */
  static OutputStream compress(OutputStream out) throws IOException {
    ZstdOutputStream zstd = new ZstdOutputStream(new KeptOpen(out), LEVEL);
    zstd.setChecksum(true);
    zstd.setWorkers(Runtime.getRuntime().availableProcessors());
    return zstd;
  }

  /** Reading fails when the frame is cut short or its checksum is wrong. */
  static InputStream decompress(InputStream in) throws IOException {
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
