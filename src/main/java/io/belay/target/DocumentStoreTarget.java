package io.belay.target;

import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotEmpty;
import jakarta.validation.constraints.NotNull;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * A document store of NeDB files that moves from one file a collection to two files ({@code type:
 * document-store}).
 *
 * @param legacy directory of the legacy files, one {@code <collection>.db} for each collection
 * @param store directory of the new files admin.db and application.db; empty means: the legacy
 *     directory
 * @param state directory for Belay's own files (unfinished migrations, the query mode), on the same
 *     filesystem as the store; empty means: {@code .belay} in the store
 * @param admin collections that go to admin.db, in this order
 * @param application collections that go to application.db, in this order
 * @param optional collections whose legacy file may be missing
 * @param references which fields hold ids of other collections; empty means the guide's
 * @param administrators who must be there after the migration
 * @param passwords fields ({@code collection.field}) that must hold password hashes
 */
public record DocumentStoreTarget(
    @NotNull Path legacy,
    Path store,
    Path state,
    @NotEmpty
        @DefaultValue({"admin-users", "admin-roles", "permission-atoms", "permission-audit-logs"})
        List<@NotBlank String> admin,
    @NotEmpty
        @DefaultValue({
          "users",
          "events",
          "bookings",
          "appointments-slots",
          "appointment-bookings",
          "interviewers",
          "availability-overrides",
          "appointment-notifications",
          "startup-records",
          "health-logs",
          "sync-queue",
          "marketing-campaigns",
          "marketing-templates",
          "marketing-audiences",
          "marketing-analytics",
          "marketing-events",
          "event-types"
        })
        List<@NotBlank String> application,
    @DefaultValue List<String> optional,
    List<@Valid Reference> references,
    @NotNull @Valid @DefaultValue Administrators administrators,
    @DefaultValue({"admin-users.password", "users.password"}) List<String> passwords)
    implements Target {

  /**
   * A field that holds ids of documents of another collection.
   *
   * @param from {@code collection.field}; the field may be nested, and may be a list of ids
   * @param to the collection that the ids belong to
   * @param required whether each document must have the field
   */
  public record Reference(
      @NotBlank String from, @NotBlank String to, @DefaultValue("false") boolean required) {

    public String collection() {
      return from.substring(0, from.indexOf('.'));
    }

    public String field() {
      return from.substring(from.indexOf('.') + 1);
    }
  }

  /**
   * There must be a document in {@code collection} whose {@code field} is {@code value}: without a
   * Level-1 administrator nobody can administer the application.
   */
  public record Administrators(
      @NotBlank @DefaultValue("admin-users") String collection,
      @NotBlank @DefaultValue("level") String field,
      @NotBlank @DefaultValue("1") String value) {}

  private static final List<Reference> GUIDE =
      List.of(
          new Reference("bookings.userId", "users", true),
          new Reference("bookings.eventId", "events", true),
          new Reference("events.typeId", "event-types", false),
          new Reference("appointments-slots.interviewerId", "interviewers", true),
          new Reference("appointment-bookings.slotId", "appointments-slots", true),
          new Reference("appointment-bookings.userId", "users", false),
          new Reference("appointment-notifications.bookingId", "appointment-bookings", false),
          new Reference("availability-overrides.interviewerId", "interviewers", true),
          new Reference("admin-users.roleId", "admin-roles", false),
          new Reference("admin-roles.permissions", "permission-atoms", false),
          new Reference("permission-audit-logs.adminId", "admin-users", false),
          new Reference("marketing-campaigns.templateId", "marketing-templates", false),
          new Reference("marketing-campaigns.audienceId", "marketing-audiences", false),
          new Reference("marketing-analytics.campaignId", "marketing-campaigns", false),
          new Reference("marketing-events.campaignId", "marketing-campaigns", false));

  /** Fills in the directories and the guide's references, as far as its collections are there. */
  public DocumentStoreTarget {
    if (legacy != null) {
      store = store == null ? legacy : store;
      state = state == null ? store.resolve(".belay") : state;
    }
    if (references == null) {
      List<String> all =
          Stream.of(admin, application).filter(list -> list != null).flatMap(List::stream).toList();
      references =
          GUIDE.stream()
              .filter(rule -> all.contains(rule.collection()) && all.contains(rule.to()))
              .toList();
    }
  }

  /** All collections, those of admin.db first. */
  public List<String> collections() {
    return Stream.concat(admin.stream(), application.stream()).toList();
  }

  /** The legacy file of a collection. */
  public Path legacyFile(String collection) {
    return legacy.resolve(collection + ".db");
  }

  /** The new file of the admin collections. */
  public Path adminFile() {
    return store.resolve("admin.db");
  }

  /** The new file of all other collections. */
  public Path applicationFile() {
    return store.resolve("application.db");
  }

  /** The new file that a collection goes to. */
  public Path newFile(String collection) {
    return admin.contains(collection) ? adminFile() : applicationFile();
  }

  @Override
  public Optional<String> identity() {
    return Optional.of(Identity.file("document-store", store));
  }

  @Override
  public Optional<String> address() {
    return Optional.of(
        Identity.file("legacy files", legacy) + ", " + Identity.file("document-store", store));
  }

  @Override
  public boolean holdsData() {
    return true;
  }

  @Override
  public String describe() {
    return "NeDB files in %s, to %s and %s"
        .formatted(legacy, adminFile(), applicationFile().getFileName());
  }
}
