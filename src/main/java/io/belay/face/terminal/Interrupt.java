package io.belay.face.terminal;

import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Handles Ctrl-C while a run is followed: asks whether to abort the run. Without an answer, or if
 * nobody can be asked, the run goes on: closing a terminal must not decide about production.
 */
final class Interrupt {

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Api api;
  private final Display display;
  private final Keyboard keyboard;
  private final AtomicReference<String> following;

  /**
   * @param keyboard null when nobody can be asked
   * @param following the run followed now; null if none
   */
  Interrupt(Api api, Display display, Keyboard keyboard, AtomicReference<String> following) {
    this.api = api;
    this.display = display;
    this.keyboard = keyboard;
    this.following = following;
  }

  void install() {
    Runtime.getRuntime().addShutdownHook(new Thread(this::ask, "interrupt"));
  }

  private void ask() {
    String run = following.get();
    if (run == null) {
      return;
    }
    display.end();
    try {
      if (!isWanted()) {
        display.last("wait", "  The run goes on: %s/runs/%s", api.url(), run);
        return;
      }
      api.post(
          "/api/runs/" + run + "/abort",
          Api.JSON.createObjectNode().put("reason", "aborted at the terminal"));
      display.last("back", "  The run is being taken back: %s/runs/%s", api.url(), run);
    } catch (IOException | Api.Refused failure) {
      display.last("bad", "  %s", failure.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean isWanted() throws InterruptedException {
    if (keyboard == null) {
      return false;
    }
    display.last("wait", "%n  Take the run back? [y/N] (%d s)", PATIENCE.toSeconds());
    String answer = keyboard.readFirst(PATIENCE);
    return answer != null && answer.strip().toLowerCase(Locale.ROOT).startsWith("y");
  }
}
