package io.belay.model.mutation;

import java.util.List;
import java.util.stream.Stream;

/** What goes wrong in a run; everything else passes. */
record Scenario(List<Event> events) {

  static final Scenario ALL_PASS = new Scenario(List.of());

  enum Kind {
    /** The check says no the first time it is asked, and yes after that. */
    NO_ONCE,
    /** The check says no whenever it is asked. */
    NO_ALWAYS,
    /** The person declines. */
    DECLINED,
    /** Nobody answers the person's task, so that its timers run out. */
    UNANSWERED,
    /** An operator aborts while the run waits here. */
    ABORTED
  }

  record Event(Kind kind, String activity) {

    @Override
    public String toString() {
      return kind + " at " + activity;
    }
  }

  static Scenario of(Kind kind, String activity) {
    return new Scenario(List.of(new Event(kind, activity)));
  }

  Scenario and(Scenario other) {
    return new Scenario(Stream.of(events, other.events).flatMap(List::stream).distinct().toList());
  }

  boolean is(Kind kind, String activity) {
    return events.contains(new Event(kind, activity));
  }

  @Override
  public String toString() {
    return events.isEmpty() ? "all pass" : events.toString();
  }
}
