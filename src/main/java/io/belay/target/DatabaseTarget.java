package io.belay.target;

import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.springframework.boot.context.properties.bind.DefaultValue;

/** Any database that has a JDBC driver ({@code type: database}). */
@Described(
    "Any database with a JDBC driver, for `executeSql`, numbers (`sql …`) and steps of your own. Belay has the drivers of PostgreSQL, MariaDB and MySQL; put others into `extensions/`.")
public record DatabaseTarget(
    @Described(
            "JDBC address without login: `jdbc:mariadb://db.example:3306/shop`, `jdbc:mysql://…`, `jdbc:postgresql://…`")
        @NotBlank
        String url,
    @NotNull @DefaultValue("") String username,
    @NotNull @DefaultValue("") Secret password,
    @Described("bound for connecting") @DefaultValue("5s") Duration connectTimeout,
    @Described("bound for one statement") @DefaultValue("60s") Duration queryTimeout)
    implements SqlTarget {

  private static final String MYSQL = "jdbc:mysql:";

  /** MariaDB's driver serves MySQL too, under its own prefix. */
  @Override
  public String jdbcUrl() {
    return url.startsWith(MYSQL) ? "jdbc:mariadb:" + url.substring(MYSQL.length()) : url;
  }

  /** The same system has the same identity, also under {@code type: postgres}. */
  @Override
  public Optional<String> identity() {
    String place = jdbcUrl().substring("jdbc:".length()).replaceFirst("[?;].*", "");
    if (place.matches("(postgresql|mariadb)://[^/,]+/.*")) {
      URI address = URI.create(place.replace(" ", "%20"));
      boolean postgres = "postgresql".equals(address.getScheme());
      int port = address.getPort() < 0 ? postgres ? 5432 : 3306 : address.getPort();
      if (address.getHost() != null) {
        return Optional.of(
            Identity.server(postgres ? "postgres" : "mysql", address.getHost(), port)
                + address.getPath());
      }
    }
    return Optional.of("database:" + place);
  }

  @Override
  public TargetIdentity.By comparedBy() {
    return TargetIdentity.By.FACTS;
  }

  /** The product's name, as in the address. */
  String product() {
    return jdbcUrl().split(":", 3)[1].toLowerCase(Locale.ROOT);
  }

  @Override
  public String describe() {
    return "database at " + jdbcUrl().replaceFirst("[?;].*", "");
  }

  @Override
  public List<Secret> secrets() {
    return List.of(password);
  }
}
