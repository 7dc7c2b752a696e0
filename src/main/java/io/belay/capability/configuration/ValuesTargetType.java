package io.belay.capability.configuration;

import io.belay.target.FileFacts;
import io.belay.target.SettingRules;
import io.belay.target.TargetType;
import java.io.IOException;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;

/** {@code type: values}. The identity of a file is where it is, and in JSON the object. */
@Component
final class ValuesTargetType implements TargetType<ValuesTarget> {

  private static final String NAME = "[A-Za-z_][A-Za-z0-9_]*";

  @Override
  public String name() {
    return "values";
  }

  @Override
  public Class<ValuesTarget> settings() {
    return ValuesTarget.class;
  }

  @Override
  public void check(ValuesTarget values, SettingRules rules) {
    boolean table = values.database() != null;
    boolean commands = values.set() != null;
    rules.require(
        Stream.of(values.file() != null, table, commands, values.http() != null)
                .filter(is -> is)
                .count()
            == 1,
        "file",
        "or 'database' or 'set' or 'http' is needed, and only one of them");
    if (table) {
      rules.sql(values.database(), "database");
      identifier(values.table(), "(%1$s\\.)?%1$s".formatted(NAME), "table", rules);
      identifier(values.keyColumn(), NAME, "key-column", rules);
      identifier(values.valueColumn(), NAME, "value-column", rules);
    }
    rules.require(
        commands == (values.get() != null) && commands == (values.unset() != null),
        "set",
        "is needed with 'get' and 'unset', and these with it");
    json(values, rules);
    values
        .keys()
        .forEach(
            (key, pattern) ->
                rules.require(isPattern(pattern), "keys." + key, "must be a regular expression"));
  }

  private static void json(ValuesTarget values, SettingRules rules) {
    boolean service = values.http() != null;
    if (service) {
      rules.target(values.http(), "http", "http");
      rules.path(values.path(), "path");
    }
    rules.require(
        service == (values.path() != null), "path", "is needed with 'http', and only there");
    rules.require(!service || values.isJson(), "at", "is needed with 'http'");
    rules.require(
        !values.isJson() || service || values.file() != null, "at", "is for a file or 'http' only");
    rules.require(
        !values.isJson() || values.at().matches("/|(/([^/~]|~[01])+)+"),
        "at",
        "must be a JSON pointer such as /flags/new-checkout, or / for the whole document");
  }

  private static void identifier(String text, String rule, String setting, SettingRules rules) {
    rules.require(
        Objects.requireNonNullElse(text, "").matches(rule),
        setting,
        "must be a name of letters, digits and _");
  }

  private static boolean isPattern(String text) {
    try {
      Pattern.compile(text);
      return true;
    } catch (PatternSyntaxException e) {
      return false;
    }
  }

  @Override
  public SortedMap<String, String> identify(ValuesTarget values) throws IOException {
    if (values.file() == null) {
      return new TreeMap<>();
    }
    SortedMap<String, String> facts = new FileFacts().file("values", values.file()).all();
    if (values.isJson()) {
      facts.put("object", values.at());
    }
    return facts;
  }
}
