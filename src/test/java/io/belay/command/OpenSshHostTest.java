package io.belay.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.belay.playground.Needs;
import io.belay.playground.Scratch;
import io.belay.target.Cancellation;
import io.belay.target.Command;
import io.belay.target.Secret;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** On the system's own sshd, as this very user; skipped where none is installed. */
class OpenSshHostTest extends HostCommandsContract {

  private static OpenSshServer server;

  @BeforeAll
  static void start() throws Exception {
    server = OpenSshServer.start(Scratch.directory("sshd"));
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      server.close();
    }
  }

  @Override
  HostTarget host() {
    return server.host();
  }

  @Test
  void answerThatIsStillBeingPrinted_isNotWhole() {
    Map<String, Secret> extra = Map.of("BELAY_STEP", Secret.of("answer-test"));
    Command command = Command.of("sh", "-c", "echo first; (sleep 60; echo second) & exit 0");
    try (SshSessions sessions = new SshSessions()) {
      HostCommands commands = new HostCommands(sessions);
      Commands.Answer answer = commands.ask(host(), command, extra, Cancellation.NONE);
      commands.end(host(), "answer-test");
      assertThat(answer.output()).isEqualTo("first\n");
      assertThat(answer.whole()).isFalse();
    }
  }

  @Test
  void agent_signsWhereThereIsNoKeyFile() throws Exception {
    Needs.that(Files.isExecutable(Path.of("/usr/bin/ssh-agent")), "ssh-agent");
    Path socket = server.directory().resolve("agent");
    Process agent = new ProcessBuilder("/usr/bin/ssh-agent", "-D", "-a", socket.toString()).start();
    try {
      await().until(() -> Files.exists(socket));
      OpenSshServer.run(
          Map.of("SSH_AUTH_SOCK", socket.toString()),
          "ssh-add",
          server.directory().resolve("login").toString());
      HostTarget byAgent = server.host(null, socket);
      try (SshSessions sessions = new SshSessions()) {
        assertThat(
                new HostCommands(sessions)
                    .run(
                        byAgent,
                        Command.of("echo", "hello"),
                        Map.of("BELAY_STEP", Secret.of("agent-test")),
                        Cancellation.NONE,
                        line -> {})
                    .output())
            .isEqualTo("hello");
      }
    } finally {
      agent.destroy();
    }
  }
}
