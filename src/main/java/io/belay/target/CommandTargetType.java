package io.belay.target;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Objects;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;

/** {@code type: command}. */
@Component
final class CommandTargetType implements TargetType<CommandTarget> {

  @Override
  public String name() {
    return "command";
  }

  @Override
  public Class<CommandTarget> settings() {
    return CommandTarget.class;
  }

  @Override
  public void check(CommandTarget command, SettingRules rules) {
    boolean changes =
        Stream.of(command.check(), command.apply(), command.revert()).anyMatch(Objects::nonNull);
    rules.require(
        command.run() != null || changes, "run", "is needed, or 'check', 'apply' and 'revert' are");
    rules.require(
        command.run() == null || !changes,
        "run",
        "must be absent beside 'check', 'apply' and 'revert': a command that checks changes nothing, so give it a target of its own");
    rules.require(!changes || command.check() != null, "check", "is needed beside 'apply'");
    rules.require(!changes || command.apply() != null, "apply", "is needed beside 'check'");
    rules.require(
        !changes || command.revert() != null,
        "revert",
        "is needed beside 'apply': a change that nothing takes back cannot be rolled back");
    GivenParameters.check(command.parameters(), rules);
    rules.targets(command.changes(), "changes");
    for (int i = 0; i < command.on().size(); i++) {
      rules.target(command.on().get(i), "host", "on[%d]".formatted(i));
    }
    rules.require(
        new HashSet<>(command.on()).size() == command.on().size(),
        "on",
        "must name each host once");
    rules.require(
        command.between() == null || command.on().size() > command.batch(),
        "between",
        "is only asked where 'on' names more hosts than one batch has");
    if (!command.on().isEmpty()) {
      sent(command.run(), "run", rules);
      sent(command.check(), "check", rules);
      sent(command.apply(), "apply", rules);
      sent(command.revert(), "revert", rules);
    }
  }

  /** Files sent to another machine lie in a directory of their own there. */
  private static void sent(Command command, String setting, SettingRules rules) {
    if (command == null || command.reads().isEmpty()) {
      return;
    }
    rules.require(
        command.directory() == null,
        setting + ".directory",
        "must be absent beside 'reads': on a host, the command begins where its files are put");
    rules.require(
        command.reads().stream().allMatch(Files::isRegularFile),
        setting + ".reads",
        "must be files of this machine, which are sent to the host");
    rules.require(
        command.reads().stream().map(Path::toFile).mapToLong(File::length).sum()
            <= Command.MOST_SENT,
        setting + ".reads",
        "must have %d bytes together at most: they are sent to the host with each command"
            .formatted(Command.MOST_SENT));
    rules.require(
        command.reads().stream().map(Path::getFileName).distinct().count()
            == command.reads().size(),
        setting + ".reads",
        "must be files of different names: on the host they stand in one directory");
  }
}
