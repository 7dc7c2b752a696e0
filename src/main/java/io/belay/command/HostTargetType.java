package io.belay.command;

import io.belay.target.SettingRules;
import io.belay.target.TargetType;
import java.nio.file.Files;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.sshd.client.session.ClientSession;
import org.springframework.stereotype.Component;

/** {@code type: host}. Its identity is the host key that it presents. */
@Component
final class HostTargetType implements TargetType<HostTarget> {

  private final SshSessions sessions;

  HostTargetType(SshSessions sessions) {
    this.sessions = sessions;
  }

  @Override
  public String name() {
    return "host";
  }

  @Override
  public Class<HostTarget> settings() {
    return HostTarget.class;
  }

  @Override
  public void check(HostTarget target, SettingRules rules) {
    for (int i = 0; i < target.hostKeys().size(); i++) {
      rules.require(
          HostKeys.fingerprint(target.hostKeys().get(i)).isPresent(),
          "host-keys[" + i + "]",
          "must be a fingerprint such as SHA256:… or a line of known_hosts");
    }
    rules.require(
        target.key() == null || Files.isReadable(target.key()),
        "key",
        "must be a file that Belay can read");
    rules.require(
        target.key() != null || SshSessions.agent(target).isPresent(),
        "key",
        "is needed where neither 'agent' nor SSH_AUTH_SOCK names an agent");
  }

  @Override
  public SortedMap<String, String> identify(HostTarget target) throws Exception {
    SortedMap<String, String> facts = new TreeMap<>();
    try (ClientSession session = sessions.open(target)) {
      facts.put("host key", SshSessions.fingerprint(session));
    }
    return facts;
  }

  @Override
  public Optional<Version> probe(HostTarget target) throws Exception {
    sessions.open(target).close();
    return Optional.of(Version.ANY);
  }
}
