package io.belay.capability.outbox;

/** Where events go. */
interface Publisher {

  /** What became of one event. */
  enum Fate {
    PUBLISHED,
    /** The publisher answered, and has not taken the event. */
    REFUSED,
    /** There was no answer, or one that is about the publisher itself: it is down or overloaded. */
    UNANSWERED
  }

  /**
   * @param why what was seen, with secrets masked; empty when the event was published
   */
  record Answer(Fate fate, String why) {

    static final Answer PUBLISHED = new Answer(Fate.PUBLISHED, "");

    static Answer refused(String why) {
      return new Answer(Fate.REFUSED, why);
    }

    static Answer unanswered(String why) {
      return new Answer(Fate.UNANSWERED, why);
    }
  }

  /**
   * Publishes one event, bounded in time. An event without an answer may have been published.
   *
   * @throws java.util.concurrent.CancellationException when the step was cancelled meanwhile
   */
  Answer publish(Event event) throws Exception;
}
