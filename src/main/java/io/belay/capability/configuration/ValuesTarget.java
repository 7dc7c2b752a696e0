package io.belay.capability.configuration;

import io.belay.target.Command;
import io.belay.target.Described;
import io.belay.target.Identity;
import io.belay.target.Secret;
import io.belay.target.Target;
import io.belay.target.TargetIdentity;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotEmpty;
import jakarta.validation.constraints.NotNull;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.springframework.boot.context.properties.bind.DefaultValue;

/** Keys with values at one place ({@code type: values}). */
@Described(
    "Keys of which a run sets some, and puts the former values back: in an env file or a JSON file (`file`, for JSON with `at`), in a table (`database`, `table`, `key-column`, `value-column`), behind commands (`get`, `set`, `unset`), or in a JSON document of a REST service (`http`, `path`, `at`).")
public record ValuesTarget(
    @Described(
            "keys that a step may set, each with a regular expression that its whole value must match")
        @NotEmpty
        Map<String, String> keys,
    @Described("an env file or a JSON file, which must exist") Path file,
    @Described("who reads the file: `dotenv`, `compose`, `systemd` or `shell`")
        @NotNull
        @DefaultValue("dotenv")
        EnvDialect dialect,
    @Described("name of the `postgres` or `database` target that has the table") String database,
    @Described("the table, with one row for each key") String table,
    @Described("column with the key") String keyColumn,
    @Described("column with the value") String valueColumn,
    @Described(
            "prints the value of the key in `BELAY_KEY`; a line end after it is not part of the value. Exit code 1 and no output says that there is no such key, any other but 0 that it cannot tell. Changes nothing")
        @Valid
        Command get,
    @Described("gives the key in `BELAY_KEY` the value in `BELAY_VALUE`; safe to repeat") @Valid
        Command set,
    @Described("removes the key in `BELAY_KEY`; safe to repeat, and when there is no such key")
        @Valid
        Command unset,
    @Described(
            "JSON pointer to the object whose members the keys are, such as `/flags/new-checkout`; a single slash for the whole document. All else in the document stays byte for byte. A value that is no JSON is written as a string")
        String at,
    @Described(
            "name of the `http` target of the service that has the document; asked with GET, and given the whole document with PUT")
        String http,
    @Described("path of the document there") String path,
    @Described(
            "makes the application read the values again, and runs after each change, the undo's too; safe to repeat. A flag has one of its own")
        @Valid
        Command restart)
    implements Target {

  /** Where the object is, as a pointer. */
  String object() {
    return at.equals("/") ? "" : at;
  }

  boolean isJson() {
    return at != null;
  }

  /**
   * The file's is the one that a {@code configuration} target with this file has; the document's is
   * that of all its objects, for it is put back whole.
   */
  @Override
  public Optional<String> identity() {
    if (file != null) {
      return Optional.of(Identity.file("configuration", file));
    }
    return http == null
        ? Optional.ofNullable(set).map(command -> "values by command " + command)
        : Optional.of("values of '%s' at %s".formatted(http, path));
  }

  /** None for a table, whose place is its database's, and for commands. */
  @Override
  public Optional<String> address() {
    Optional<String> document =
        file == null
            ? Optional.ofNullable(http).map(server -> server + path)
            : Optional.of(Identity.file("values", file));
    return document.map(place -> isJson() ? place + "#" + at : place);
  }

  @Override
  public TargetIdentity.By comparedBy() {
    return file == null ? TargetIdentity.By.ADDRESS : TargetIdentity.By.FILES;
  }

  @Override
  public List<String> alsoChanged() {
    return Stream.of(database, http).filter(Objects::nonNull).toList();
  }

  @Override
  public boolean isInstruction() {
    return true;
  }

  @Override
  public String describe() {
    if (file != null) {
      return "values in " + file;
    }
    if (http != null) {
      return "values in %s of '%s'".formatted(path, http);
    }
    return database != null
        ? "values in the table %s of '%s'".formatted(table, database)
        : "values behind the command " + set;
  }

  @Override
  public List<Secret> secrets() {
    return Command.secrets(get, set, unset, restart).toList();
  }
}
