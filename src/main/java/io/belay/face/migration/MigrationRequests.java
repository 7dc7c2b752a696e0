package io.belay.face.migration;

import io.belay.capability.document.QueryMode;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.util.Map;
import org.springframework.lang.Nullable;

/** Bodies of requests; all but {@link Mode} are optional. */
final class MigrationRequests {

  private MigrationRequests() {}

  @Schema(description = "How to start; everything has a default")
  record Start(
      @Schema(description = "Business key of the run; made up when not given") @Nullable
          String name,
      @Schema(description = "Parameters of the runbook two-database-rolling") @Nullable
          Map<String, Object> parameters)
      implements io.belay.face.web.StrictBody {

    static final Start DEFAULTS = new Start(null, null);

    Start {
      parameters = parameters == null ? Map.of() : parameters;
    }
  }

  @Schema(description = "Why, and to which snapshot when no run is active")
  record Rollback(
      @Size(max = 500, message = "must have at most {max} characters")
          @Pattern(regexp = "[^\\p{Cntrl}]*", message = "must not have control characters")
          @Nullable
          String reason,
      @Schema(description = "Id of a snapshot; the newest verified one when not given") @Nullable
          String snapshot)
      implements io.belay.face.web.StrictBody {

    static final Rollback DEFAULTS = new Rollback(null, null);

    Rollback {
      reason =
          reason == null || reason.isBlank() ? "rollback by POST /api/migration/rollback" : reason;
      snapshot = snapshot == null || snapshot.isBlank() ? null : snapshot;
    }
  }

  @Schema(description = "How queries are answered from now on")
  record Mode(
      @Schema(example = "hybrid") @NotNull(message = "is required") QueryMode mode,
      @Schema(description = "In hybrid mode: ask the new files first; true when not given")
          @Nullable
          Boolean preferNew,
      @Schema(
              description =
                  "In hybrid mode: ask the other side where the first has no answer; true when not given")
          @Nullable
          Boolean fallback)
      implements io.belay.face.web.StrictBody {

    Mode {
      preferNew = preferNew == null || preferNew;
      fallback = fallback == null || fallback;
    }
  }
}
