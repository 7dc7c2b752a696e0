package io.belay.face.web;

import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.util.Map;
import org.springframework.lang.Nullable;

/** Bodies of requests, read strictly: an unknown field or a wrong type is refused. */
final class Requests {

  /** No control characters, so that what is written into the journal stays one line. */
  private static final String NO_CONTROL = "[^\\p{Cntrl}]*";

  private static final int REASON_LIMIT = 500;

  private Requests() {}

  /** A body that is read strictly. */
  sealed interface Strict extends StrictBody permits Start, Abort, Override, Complete, Token {}

  @Schema(description = "Starts a run")
  record Start(
      @Schema(example = "main-server-v1-to-v2") @NotBlank(message = "is required") String runbook,
      @Schema(description = "Business key; made up when not given") @Nullable String name,
      @Schema(description = "Values of the runbook's parameters; defaults for those not given")
          @Nullable
          Map<String, Object> parameters)
      implements Strict {

    Start {
      parameters = parameters == null ? Map.of() : parameters;
    }
  }

  @Schema(description = "Aborts a run: it is rolled back, in order")
  record Abort(
      @NotBlank(message = "is required")
          @Size(max = REASON_LIMIT, message = "must have at most {max} characters")
          @Pattern(regexp = NO_CONTROL, message = "must not have control characters")
          String reason)
      implements Strict {}

  @Schema(description = "Takes a failed step over: Belay will not run it")
  record Override(
      @Schema(example = "Task_RevertSchema") @NotBlank(message = "is required") String activityId,
      @NotBlank(message = "is required")
          @Size(max = REASON_LIMIT, message = "must have at most {max} characters")
          @Pattern(regexp = NO_CONTROL, message = "must not have control characters")
          String reason)
      implements Strict {}

  @Schema(description = "Values of the task's form")
  record Complete(@Nullable Map<String, Object> values) implements Strict {

    Complete {
      values = values == null ? Map.of() : values;
    }
  }

  @Schema(description = "For whom a token is, when not for oneself at Belay")
  record Token(
      @Schema(description = "A user of the group service") @Nullable String service,
      @Schema(description = "One of belay.tokens.audiences") @Nullable String audience)
      implements Strict {}
}
