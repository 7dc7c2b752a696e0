package io.belay.face.terminal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.PipedReader;
import java.io.PipedWriter;
import java.io.StringReader;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class KeyboardTest {

  private static final Duration LONG = Duration.ofSeconds(60);

  @Test
  void lines_comeInOrder_andTheirEndIsSaid() throws Exception {
    Keyboard keyboard = new Keyboard(new StringReader("yes\n2\n"));

    assertThat(keyboard.read()).isEqualTo("yes");
    assertThat(keyboard.read()).isEqualTo("2");
    assertThatThrownBy(keyboard::read)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("the input ended");
  }

  @Test
  void theLastQuestion_getsTheNextLine_notTheOneThatWaitedBefore() throws Exception {
    try (PipedWriter person = new PipedWriter()) {
      Keyboard keyboard = new Keyboard(new PipedReader(person));
      Thread task = new Thread(() -> readForEver(keyboard));
      task.setDaemon(true);
      task.start();
      await().until(() -> task.getState() == Thread.State.WAITING);
      CompletableFuture<String> last = CompletableFuture.supplyAsync(() -> first(keyboard));
      await().until(() -> keyboard.isReserved());
      person.write("y\n");
      person.flush();

      assertThat(last.join()).isEqualTo("y");
      assertThat(task.isAlive()).isTrue();
    }
  }

  @Test
  void nobodyAnswers_isNoAnswer() throws Exception {
    try (PipedWriter person = new PipedWriter()) {
      Keyboard keyboard = new Keyboard(new PipedReader(person));
      assertThat(keyboard.readFirst(Duration.ofMillis(50))).isNull();
    }
    assertThat(new Keyboard(new StringReader("")).readFirst(LONG)).isNull();
  }

  private static void readForEver(Keyboard keyboard) {
    try {
      keyboard.read();
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String first(Keyboard keyboard) {
    try {
      return keyboard.readFirst(LONG);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
