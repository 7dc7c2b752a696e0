package io.belay.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.belay.playground.Scratch;
import io.belay.target.Secret;
import io.belay.target.TargetException;
import io.belay.target.TestTypes;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.time.Duration;
import java.util.List;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.apache.sshd.common.config.keys.writer.openssh.OpenSSHKeyPairResourceWriter;
import org.apache.sshd.common.keyprovider.KeyPairProvider;
import org.apache.sshd.server.SshServer;
import org.apache.sshd.server.shell.ProcessShellFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** On a server of Apache MINA SSHD. */
class MinaHostTest extends HostCommandsContract {

  private static SshServer server;
  private static HostTarget host;
  private static Path keys;
  private static String known;

  private static KeyPair pair() throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(256);
    return generator.generateKeyPair();
  }

  private static Path write(KeyPair pair, String name) throws Exception {
    Path file = keys.resolve(name);
    try (OutputStream out = Files.newOutputStream(file)) {
      new OpenSSHKeyPairResourceWriter().writePrivateKey(pair, name, null, out);
    }
    return file;
  }

  @BeforeAll
  static void start() throws Exception {
    keys = Scratch.directory("ssh");
    KeyPair hostKey = pair();
    KeyPair login = pair();
    PublicKey allowed = login.getPublic();
    server = SshServer.setUpDefaultServer();
    server.setHost("127.0.0.1");
    server.setPort(0);
    server.setKeyPairProvider(KeyPairProvider.wrap(hostKey));
    server.setPublickeyAuthenticator(
        (user, key, session) -> user.equals("deploy") && KeyUtils.compareKeys(key, allowed));
    server.setCommandFactory(
        (channel, command) ->
            new ProcessShellFactory(command, "/bin/sh", "-c", command).createShell(channel));
    server.start();
    known = "host.example " + PublicKeyEntry.toString(hostKey.getPublic());
    host = target("deploy", write(login, "login"), known);
  }

  private static HostTarget target(String user, Path key, String known) {
    return new HostTarget(
        "127.0.0.1",
        server.getPort(),
        user,
        List.of(known),
        key,
        Secret.none(),
        null,
        Duration.ofSeconds(20));
  }

  @AfterAll
  static void stop() throws Exception {
    server.stop(true);
  }

  @Override
  HostTarget host() {
    return host;
  }

  @Test
  void loginWithAnotherKeyOrName_isRefused() throws Exception {
    try (SshSessions sessions = new SshSessions()) {
      HostTarget other = target("deploy", write(pair(), "other"), known);
      assertThatThrownBy(() -> sessions.open(other))
          .isInstanceOf(TargetException.class)
          .hasMessageContainingAll("cannot be reached over SSH", "Nothing was done there");
      HostTarget name = target("somebody", host.key(), known);
      assertThatThrownBy(() -> sessions.open(name)).isInstanceOf(TargetException.class);
    }
  }

  @Test
  void settings_areChecked() throws Exception {
    HostTargetType type = new HostTargetType(new SshSessions());
    assertThat(TestTypes.problems(type, host)).isEmpty();
    assertThat(TestTypes.problems(type, target("deploy", keys.resolve("none"), "AAAA")))
        .anyMatch(problem -> problem.startsWith("targets.d.host-keys[0]: must be a fingerprint"))
        .anyMatch(problem -> problem.startsWith("targets.d.key: must be a file"));
    assertThat(HostKeys.fingerprint("@cert-authority * ssh-rsa AAAA")).isEmpty();
    assertThat(HostKeys.fingerprint("web1,10.0.0.1 ssh-ed25519 !!")).isEmpty();
  }
}
