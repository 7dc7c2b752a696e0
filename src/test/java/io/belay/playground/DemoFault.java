package io.belay.playground;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.StreamSupport;

/** What {@code ./belay demo [runbook] --fail <name>} breaks, and when. */
enum DemoFault {
  ERROR_RATE(Moment.USERS_REACH_V2, "one in five of v2's answers is an error now"),
  RESET(Moment.USERS_REACH_V2, "v2 closes the connection instead of answering half of the POSTs"),
  NOT_FOUND(Moment.USERS_REACH_V2, "v2 does not find half of what users ask for"),
  LATENCY(Moment.USERS_REACH_V2, "v2 takes 400 ms longer for each answer now"),
  ERROR_LINES(Moment.USERS_REACH_V2, "v2 writes 20 ERROR lines a second now"),
  DOWN(Moment.USERS_REACH_V2, "v2's processes are killed, and die when they are started"),
  REDIS_DOWN(Moment.USERS_REACH_V2, "the Redis server is stopped"),
  AI_DOWN(Moment.PEOPLE_ARE_ASKED, "the AI service that v2 needs is down"),
  WRONG_WEBHOOK(Moment.PEOPLE_ARE_ASKED, "v2's webhook expects another token"),
  MIGRATION(Moment.PEOPLE_ARE_ASKED, "the migration will fail in its second change"),
  DATA_CORRUPTION(Moment.PEOPLE_ARE_ASKED, "the migration will destroy data on its way"),
  UNREADABLE_DOCUMENTS(Moment.BEFORE_THE_RUN, "a line of bookings.db cannot be read"),
  PLAIN_PASSWORD(Moment.BEFORE_THE_RUN, "a user's password is stored as it is typed"),
  CHANGING_DOCUMENTS(Moment.PEOPLE_ARE_ASKED, "an application goes on writing to users.db"),
  BROKEN_STORE(Moment.QUERIES_MOVE, "a third of application.db is overwritten with zeros"),
  SLOWER(Moment.USERS_REACH_V2, "the new implementation takes 8 % longer for each search now"),
  CONTRACT(Moment.USERS_REACH_V2, "the new implementation answers errors in another format now"),
  FLAG_SERVICE_DOWN(Moment.USERS_REACH_V2, "the flag service is down"),
  BUILD(Moment.BEFORE_THE_RUN, "the source of the new implementation does not compile"),
  /** The gateway sends its users to the other two: nobody notices. */
  ONE_INSTANCE(Moment.USERS_REACH_V2, "one of v1's three instances is killed"),
  /** Somebody else's mistakes are no fault of v2. */
  BAD_CLIENT(Moment.USERS_REACH_V2, "a client sends malformed URLs, 20 a second"),
  /** Belay itself, in the middle of a step. */
  KILL(Moment.A_STEP_WORKS, "Belay is killed (SIGKILL) in the middle of a step");

  private enum Moment {
    BEFORE_THE_RUN,
    PEOPLE_ARE_ASKED,
    A_STEP_WORKS,
    USERS_REACH_V2,
    QUERIES_MOVE
  }

  private static final List<DemoFault> OF_DOCUMENTS =
      List.of(UNREADABLE_DOCUMENTS, PLAIN_PASSWORD, CHANGING_DOCUMENTS, BROKEN_STORE);

  private static final List<DemoFault> OF_BACKEND =
      List.of(SLOWER, CONTRACT, FLAG_SERVICE_DOWN, BUILD);

  private static final List<DemoFault> HARMLESS = List.of(ONE_INSTANCE, BAD_CLIENT, KILL);

  private final Moment moment;
  private final String says;

  DemoFault(Moment moment, String says) {
    this.moment = moment;
    this.says = says;
  }

  /**
   * @throws IllegalArgumentException naming all faults that can hit that runbook
   */
  static DemoFault named(String name, PlaygroundRunbook runbook) {
    List<DemoFault> there = Arrays.stream(values()).filter(fault -> fault.hits(runbook)).toList();
    return there.stream()
        .filter(fault -> fault.word().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "unknown fault '%s' of %s; there are %s"
                        .formatted(
                            name, runbook.key(), there.stream().map(DemoFault::word).toList())));
  }

  private boolean hits(PlaygroundRunbook runbook) {
    boolean documents = runbook.equals(PlaygroundRunbooks.TWO_DATABASES);
    boolean backend = runbook.equals(PlaygroundRunbooks.BACKEND_IMPROVEMENTS);
    return this == KILL
        || OF_DOCUMENTS.contains(this) == documents && OF_BACKEND.contains(this) == backend;
  }

  String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  String says() {
    return says;
  }

  /** How the run must end, to be what was wanted. */
  String wantedStatus() {
    return HARMLESS.contains(this) ? "COMPLETED" : "ROLLED_BACK";
  }

  /** Whether a gate must not forgive; one before the check that finds the fault must. */
  boolean isForAGate() {
    return !HARMLESS.contains(this) && this != CONTRACT;
  }

  /** Whether the way back needs what is down. */
  boolean isInTheWayBack() {
    return this == REDIS_DOWN || this == FLAG_SERVICE_DOWN;
  }

  boolean isDueBeforeTheRun() {
    return moment == Moment.BEFORE_THE_RUN;
  }

  /** Whether now is the time. */
  boolean isDue(JsonNode run, World world) {
    return switch (moment) {
      case BEFORE_THE_RUN -> true;
      case PEOPLE_ARE_ASKED -> hasBegun(run, "Phase_Approval");
      case A_STEP_WORKS ->
          StreamSupport.stream(run.path("working").spliterator(), false)
              .anyMatch(step -> step.path("step").asText().matches("take.*|apply.*|measureQuer.*"));
      case USERS_REACH_V2 ->
          OF_BACKEND.contains(this)
              ? answered(world.backend().users(), "new")
              : answered(world.users(), "v2");
      case QUERIES_MOVE -> hasBegun(run, "Phase_QueryRollout");
    };
  }

  private static boolean answered(SteadyLoad users, String version) {
    return users.counts().byVersion().getOrDefault(version, 0L) > 0;
  }

  /** Whether it did anything; for most that is what the gate says. */
  boolean hasHappened(Playground playground) {
    return this != BAD_CLIENT || playground.world().answersToBadClients() > 0;
  }

  static boolean hasBegun(JsonNode run, String phase) {
    return run.path("phases").findValuesAsText("activityId").contains(phase);
  }

  void cause(Playground playground) throws Exception {
    switch (this) {
      case KILL -> playground.belay().kill();
      case ONE_INSTANCE -> playground.world().fault(Fault.down("main-2"));
      case BAD_CLIENT -> playground.world().addBadClient();
      default -> playground.world().fault(Fault.named(word()));
    }
  }
}
