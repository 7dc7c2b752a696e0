package io.belay.capability.backup;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.List;

/**
 * Distributes the rows of an archive to several sessions, so that all fill a table at once, however
 * few tables there are: each gets blocks of whole rows in its own {@code COPY}. The order of rows
 * may change.
 */
final class RowDistributor implements CustomArchive.Rows {

  /** A session. Each call may block while the session is busy. */
  interface Lane {

    /** Starts a {@code COPY … FROM stdin}. */
    void copy(byte[] statement) throws IOException;

    /** Sends rows; the bytes belong to the lane from now on. */
    void rows(byte[] block, int length) throws IOException;

    /** Ends the {@code COPY}. */
    void endCopy() throws IOException;

    /** How many blocks the session has not read yet. */
    int waiting();
  }

  private static final int BLOCK = 256 << 10;

  private final List<? extends Lane> lanes;

  private byte[] copy;

  /** Rows not yet distributed; {@code length} bytes of it are used. */
  private byte[] block = new byte[BLOCK];

  private int length;

  /**
   * Whether the last distributed block ends with a row; if not, the same lane gets the rest of it.
   */
  private boolean atRow = true;

  private int lane;

  /** Lanes that have received rows of the table. */
  private final BitSet copying = new BitSet();

  RowDistributor(List<? extends Lane> lanes) {
    this.lanes = lanes;
  }

  @Override
  public void table(byte[] statement) {
    copy = statement;
  }

  @Override
  public void rows(byte[] bytes, int from, int n) throws IOException {
    if (length + n > block.length) {
      deal();
      if (n > block.length) {
        block = new byte[n];
      }
    }
    System.arraycopy(bytes, from, block, length, n);
    length += n;
  }

  private void deal() throws IOException {
    if (length == 0) {
      return;
    }
    if (atRow) {
      lane = idlest();
    }
    if (!copying.get(lane)) {
      copying.set(lane);
      lanes.get(lane).copy(copy);
    }
    atRow = block[length - 1] == '\n';
    lanes.get(lane).rows(block, length);
    block = new byte[BLOCK];
    length = 0;
  }

  private int idlest() {
    int idlest = 0;
    for (int i = 1; i < lanes.size(); i++) {
      if (lanes.get(i).waiting() < lanes.get(idlest).waiting()) {
        idlest = i;
      }
    }
    return idlest;
  }

  @Override
  public void endTable() throws IOException {
    deal();
    if (!atRow) {
      throw new IOException(
          "the rows of %s are cut short".formatted(new String(copy, StandardCharsets.UTF_8)));
    }
    for (int i = copying.nextSetBit(0); i >= 0; i = copying.nextSetBit(i + 1)) {
      lanes.get(i).endCopy();
    }
    copying.clear();
  }
}
