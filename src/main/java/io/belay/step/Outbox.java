package io.belay.step;

import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * Messages that are sent independently of their runs. A kept message survives the end of Belay and
 * is sent at least once: again, if the sender dies between sending and {@link #end}.
 */
public interface Outbox {

  /**
   * A message of one execution of a step.
   *
   * @param key of the execution
   * @param step bean name of the delegate
   * @param target name of the target that gets it
   * @param address the target's address when the message was kept
   * @param fence number of the attempt that kept it
   * @param attempt how often it was taken, this time included; 0 before the first time
   */
  record Message(
      String key,
      String step,
      String runId,
      String environment,
      String target,
      String address,
      long fence,
      String text,
      int attempt) {}

  /** Keeps the message durably; an execution has one, a second is ignored. */
  void keep(Message message);

  /**
   * Takes the message that has been due longest. Nobody else takes it during the lease.
   *
   * @param lease longer than it takes to send it
   * @param busy addresses whose messages stay where they are
   */
  Optional<Message> take(Duration lease, Set<String> busy);

  /**
   * Makes a message that was not delivered due again after the pause.
   *
   * @param note line in the run's log; null for none
   */
  void postpone(Message message, Duration pause, String note);

  /**
   * Removes the message from the outbox.
   *
   * @param note line in the run's log; null for none
   */
  void end(Message message, String note);
}
