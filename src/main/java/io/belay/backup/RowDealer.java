package io.belay.backup;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.List;

/**
 * Deals the rows of an archive out to several sessions, so that all of them fill a table at once,
 * however few tables there are: each gets blocks of whole rows in a {@code COPY} of its own. Rows
 * may end up in another order than before.
 */
final class RowDealer implements CustomArchive.Rows {

  /** A session. Each call may wait while the session has enough to do. */
  interface Lane {

    /** Begins a {@code COPY … FROM stdin}. */
    void copy(byte[] statement) throws IOException;

    /** Rows of it; the bytes are the lane's from now on. */
    void rows(byte[] block, int length) throws IOException;

    /** No more of them. */
    void endCopy() throws IOException;

    /** How many blocks it has not read yet. */
    int waiting();
  }

  private static final int BLOCK = 256 << 10;

  private final List<? extends Lane> lanes;

  private byte[] copy;

  /** Rows that were not dealt yet, so many bytes of them. */
  private byte[] block = new byte[BLOCK];

  private int length;

  /** Whether what was dealt ends with a row; if not, the lane gets the rest of it too. */
  private boolean atRow = true;

  private int lane;

  /** Lanes that have got rows of the table. */
  private final BitSet copying = new BitSet();

  RowDealer(List<? extends Lane> lanes) {
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
