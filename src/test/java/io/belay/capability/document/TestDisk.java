package io.belay.capability.document;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;

/** A file on a disk that a test has a hand in. */
final class TestDisk extends FileChannel {

  private final FileChannel real;
  private final BeforeWrite before;

  /** Comes before each write; may throw instead. */
  @FunctionalInterface
  interface BeforeWrite {
    void write(long bytes) throws IOException;
  }

  private TestDisk(FileChannel real, BeforeWrite before) {
    this.real = real;
    this.before = before;
  }

  static FileChannel of(Path file, BeforeWrite before) throws IOException {
    return new TestDisk(PartFile.DISK.open(file), before);
  }

  /** No room after some bytes. */
  static BeforeWrite fullAfter(long room) {
    long[] written = {0};
    return bytes -> {
      written[0] += bytes;
      if (written[0] > room) {
        throw new IOException("No space left on device");
      }
    };
  }

  @Override
  public int write(ByteBuffer bytes) throws IOException {
    before.write(bytes.remaining());
    return real.write(bytes);
  }

  @Override
  public int read(ByteBuffer bytes) throws IOException {
    return real.read(bytes);
  }

  @Override
  public long position() throws IOException {
    return real.position();
  }

  @Override
  public FileChannel position(long at) throws IOException {
    real.position(at);
    return this;
  }

  @Override
  public long size() throws IOException {
    return real.size();
  }

  @Override
  public FileChannel truncate(long size) throws IOException {
    real.truncate(size);
    return this;
  }

  @Override
  public void force(boolean metadata) throws IOException {
    real.force(metadata);
  }

  @Override
  protected void implCloseChannel() throws IOException {
    real.close();
  }

  @Override
  public long read(ByteBuffer[] bytes, int offset, int length) {
    throw new UnsupportedOperationException();
  }

  @Override
  public long write(ByteBuffer[] bytes, int offset, int length) {
    throw new UnsupportedOperationException();
  }

  @Override
  public long transferTo(long position, long count, WritableByteChannel target) {
    throw new UnsupportedOperationException();
  }

  @Override
  public long transferFrom(ReadableByteChannel source, long position, long count) {
    throw new UnsupportedOperationException();
  }

  @Override
  public int read(ByteBuffer bytes, long position) {
    throw new UnsupportedOperationException();
  }

  @Override
  public int write(ByteBuffer bytes, long position) {
    throw new UnsupportedOperationException();
  }

  @Override
  public MappedByteBuffer map(MapMode mode, long position, long size) {
    throw new UnsupportedOperationException();
  }

  @Override
  public FileLock lock(long position, long size, boolean shared) {
    throw new UnsupportedOperationException();
  }

  @Override
  public FileLock tryLock(long position, long size, boolean shared) {
    throw new UnsupportedOperationException();
  }
}
