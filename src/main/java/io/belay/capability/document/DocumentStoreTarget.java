package io.belay.capability.document;

import io.belay.target.Described;
import io.belay.target.Identity;
import io.belay.target.ProtectedKind;
import io.belay.target.Target;
import io.belay.target.TargetIdentity;
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
 * A document store of NeDB files that moves from one file per collection to two files ({@code type:
 * document-store}).
 */
@Described(
    "A document store of NeDB files that moves from one file a collection to `admin.db` and `application.db`.")
@ProtectedKind
public record DocumentStoreTarget(
    @Described("directory of the legacy files, one `<collection>.db` for each collection") @NotNull
        Path legacy,
    @Described(
            value = "directory of the new files `admin.db` and `application.db`",
            absent = "the legacy directory")
        Path store,
    @Described(
            value =
                "directory for Belay's own files (unfinished migrations, the query mode), on the same filesystem as the store",
            absent = "`.belay` in the store")
        Path state,
    @Described(value = "collections that go to `admin.db`, in this order", absent = "the guide's 4")
        @NotEmpty
        @DefaultValue({"admin-users", "admin-roles", "permission-atoms", "permission-audit-logs"})
        List<@NotBlank String> admin,
    @Described(
            value = "collections that go to `application.db`, in this order",
            absent = "the guide's 17")
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
    @Described("collections whose legacy file may be missing") @DefaultValue List<String> optional,
    @Described(
            value =
                "list of `{ from: bookings.userId, to: users, required: true }`: which fields hold ids of other collections. A field may be nested and may be a list of ids; with `required` each document must have it. Broken references are warnings",
            absent = "the guide's")
        List<@Valid Reference> references,
    @Described(
            value = "one such document must be there after the migration",
            absent = "`{ collection: admin-users, field: level, value: 1 }`")
        @NotNull
        @Valid
        @DefaultValue
        Administrators administrators,
    @Described("fields that must hold password hashes (bcrypt, argon2, scrypt, PBKDF2)")
        @DefaultValue({"admin-users.password", "users.password"})
        List<String> passwords)
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

  /** Fills in the directories, and those of the guide's references whose collections exist. */
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
  public TargetIdentity.By comparedBy() {
    return TargetIdentity.By.FILES;
  }

  @Override
  public String describe() {
    return "NeDB files in %s, to %s and %s"
        .formatted(legacy, adminFile(), applicationFile().getFileName());
  }
}
