package io.belay.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameReaderTest {

  /** Masked or not, with lengths of each kind. */
  private static byte[] frames(List<Integer> ends) {
    ByteBuffer all = ByteBuffer.allocate(300_000);
    for (boolean masked : new boolean[] {false, true}) {
      for (int length : new int[] {0, 1, 125, 126, 300, 65_535, 65_536}) {
        int mask = masked ? 0x80 : 0;
        all.put((byte) 0x82);
        if (length < 126) {
          all.put((byte) (mask | length));
        } else if (length < 65_536) {
          all.put((byte) (mask | 126)).putShort((short) length);
        } else {
          all.put((byte) (mask | 127)).putLong(length);
        }
        all.put(new byte[length + (masked ? 4 : 0)]);
        ends.add(all.position());
      }
    }
    byte[] bytes = new byte[all.flip().remaining()];
    all.get(bytes);
    return bytes;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 1000, 8192, 1_000_000})
  void knowsTheEndOfEachFrame_howeverTheBytesArrive(int step) {
    List<Integer> ends = new ArrayList<>();
    byte[] bytes = frames(ends);
    List<Integer> found = new ArrayList<>();
    FrameReader reader = new FrameReader();
    assertThat(reader.isBetweenFrames()).isTrue();
    for (int at = 0; at < bytes.length; ) {
      at += reader.toEndOfFrame(ByteBuffer.wrap(bytes, at, Math.min(step, bytes.length - at)));
      if (reader.isBetweenFrames()) {
        found.add(at);
      }
    }
    assertThat(found).isEqualTo(ends);
  }
}
