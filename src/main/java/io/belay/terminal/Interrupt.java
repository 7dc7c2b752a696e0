package io.belay.terminal;

import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Ctrl-C while a run is followed: asks whether the run shall be taken back. Without an answer, and
 * where nobody can be asked, the run goes on: closing a terminal must not decide about production.
 */
final class Interrupt {

  private final Api api;
  private final Display display;
  private final AtomicReference<String> following;

  Interrupt(Api api, Display display, AtomicReference<String> following) {
    this.api = api;
    this.display = display;
    this.following = following;
  }

  void install() {
    Runtime.getRuntime().addShutdownHook(new Thread(this::ask, "interrupt"));
  }

  private void ask() {
    String run = following.get();
    if (run == null || System.console() == null) {
      return;
    }
    String answer = System.console().readLine("%n  Take the run back? [y/N] ");
    if (answer == null || !answer.strip().toLowerCase(Locale.ROOT).startsWith("y")) {
      display.line("wait", "  The run goes on: %s/runs/%s", api.url(), run);
      return;
    }
    try {
      api.post(
          "/api/runs/" + run + "/abort",
          Api.JSON.createObjectNode().put("reason", "aborted at the terminal"));
      display.line("back", "  The run is being taken back: %s/runs/%s", api.url(), run);
    } catch (IOException | Api.Refused failure) {
      display.line("bad", "  %s", failure.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
