package io.belay.target;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.springframework.boot.context.properties.bind.DefaultValue;

/** A PostgreSQL database ({@code type: postgres}). */
@Described("A PostgreSQL database.")
public record PostgresTarget(
    @NotBlank String host,
    @Min(1) @Max(65535) @DefaultValue("5432") int port,
    @Described("name of the database") @NotBlank String database,
    @NotBlank String username,
    @NotNull @DefaultValue("") Secret password,
    @Described("the lowest major version that the runbook supports") @DefaultValue("12")
        int minimumVersion,
    @Described("directory of pg_dump, pg_restore and psql; empty means: found on the PATH")
        Path tools,
    @Described("bound for connecting") @DefaultValue("5s") Duration connectTimeout,
    @Described(
            "bound for one statement of a check; a backup or a migration takes as long as it needs, but is given up when the server gives no sign of life for so long")
        @DefaultValue("60s")
        Duration queryTimeout,
    @Described(
            "how the database is put back to its backup. `beside`: side by side, into a new database that then takes its name; it is read until then, and all its sessions are ended once. `in-place`: in one transaction on one connection; sessions wait for locks and go on. `auto`: side by side wherever the login may do it, else in place")
        @NotNull
        @DefaultValue("AUTO")
        RestoreWay restore)
    implements SqlTarget {

  @Override
  public String jdbcUrl() {
    return jdbcUrl(database);
  }

  /** The JDBC address of another database on the same server, without credentials. */
  public String jdbcUrl(String otherDatabase) {
    return "jdbc:postgresql://%s:%d/%s?connectTimeout=%d&ApplicationName=belay"
        .formatted(
            host.contains(":") ? "[" + host + "]" : host,
            port,
            URLEncoder.encode(otherDatabase, StandardCharsets.UTF_8),
            Math.max(1, connectTimeout.toSeconds()));
  }

  /** The same server and login with another database, for example a scratch database. */
  public PostgresTarget withDatabase(String otherDatabase) {
    return new PostgresTarget(
        host,
        port,
        otherDatabase,
        username,
        password,
        minimumVersion,
        tools,
        connectTimeout,
        queryTimeout,
        restore);
  }

  @Override
  public Optional<String> identity() {
    return Optional.of(Identity.server("postgres", host, port) + "/" + database);
  }

  @Override
  public TargetIdentity.By comparedBy() {
    return TargetIdentity.By.POSTGRES;
  }

  @Override
  public String describe() {
    return "PostgreSQL %s at %s:%d".formatted(database, host, port);
  }

  @Override
  public List<Secret> secrets() {
    return List.of(password);
  }
}
