package io.belay.command;

import io.belay.target.TargetException;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PublicKey;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.sshd.client.SshClient;
import org.apache.sshd.client.auth.password.PasswordIdentityProvider;
import org.apache.sshd.client.auth.pubkey.UserAuthPublicKeyFactory;
import org.apache.sshd.client.config.hosts.HostConfigEntryResolver;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.common.AttributeRepository;
import org.apache.sshd.common.AttributeRepository.AttributeKey;
import org.apache.sshd.common.config.keys.FilePasswordProvider;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.digest.BuiltinDigests;
import org.apache.sshd.common.keyprovider.FileKeyPairProvider;
import org.apache.sshd.common.keyprovider.KeyIdentityProvider;
import org.apache.sshd.core.CoreModuleProperties;
import org.springframework.stereotype.Component;

/**
 * Opens SSH sessions to hosts. A host must present one of the keys that its target lists; the login
 * uses the target's private key or an agent, never a password. Nothing is read from the {@code
 * .ssh} directory of Belay's account.
 */
@Component
public final class SshSessions implements AutoCloseable {

  private static final Duration HEARTBEAT = Duration.ofSeconds(10);

  /**
   * The keys that a connection accepts, set before connecting since the host presents its key at
   * once.
   */
  private static final AttributeKey<PinnedKeys> PINNED = new AttributeKey<>();

  /** For logins by key file; an agent needs a client of its own. */
  private SshClient byKey;

  private synchronized SshClient client() {
    if (byKey == null) {
      byKey = start(SshClient.setUpDefaultClient());
    }
    return byKey;
  }

  private static SshClient start(SshClient client) {
    client.setHostConfigEntryResolver(HostConfigEntryResolver.EMPTY);
    client.setKeyIdentityProvider(KeyIdentityProvider.EMPTY_KEYS_PROVIDER);
    client.setPasswordIdentityProvider(PasswordIdentityProvider.EMPTY_PASSWORDS_PROVIDER);
    client.setUserAuthFactories(List.of(UserAuthPublicKeyFactory.INSTANCE));
    client.setServerKeyVerifier(
        (session, address, key) -> {
          AttributeRepository given = session.getConnectionContext();
          PinnedKeys pinned = given == null ? null : given.getAttribute(PINNED);
          return pinned != null && pinned.verifyServerKey(session, address, key);
        });
    CoreModuleProperties.HEARTBEAT_INTERVAL.set(client, HEARTBEAT);
    CoreModuleProperties.HEARTBEAT_NO_REPLY_MAX.set(client, 3);
    client.start();
    return client;
  }

  /**
   * Opens a session and logs in. The caller closes it.
   *
   * @throws TargetException when the host cannot be reached, presents another key, or refuses the
   *     login
   */
  public ClientSession open(HostTarget target) {
    SshClient client = target.key() == null ? agentClient(target) : client();
    PinnedKeys pinned = new PinnedKeys(HostKeys.of(target));
    ClientSession session = null;
    try {
      session =
          client
              .connect(
                  target.username(),
                  target.host(),
                  target.port(),
                  AttributeRepository.ofKeyValuePair(PINNED, pinned))
              .verify(target.connectTimeout())
              .getClientSession();
      if (target.key() != null) {
        session.addPublicKeyIdentity(key(target, session));
      }
      try {
        session.auth().verify(target.connectTimeout());
      } catch (IOException e) {
        throw pinned.refusal(target).orElse(e);
      }
      return owned(session, client);
    } catch (IOException | GeneralSecurityException e) {
      close(session);
      if (client != byKey) {
        client.stop();
      }
      throw new TargetException(
          "%s cannot be reached over SSH: %s. Nothing was done there; check its address, its keys and the login"
              .formatted(target.describe(), e.getMessage()),
          e);
    }
  }

  private ClientSession owned(ClientSession session, SshClient client) {
    if (client != byKey) {
      session.addCloseFutureListener(closed -> new Thread(client::stop, "ssh-agent-end").start());
    }
    return session;
  }

  private static SshClient agentClient(HostTarget target) {
    Path socket =
        agent(target)
            .orElseThrow(
                () ->
                    new TargetException(
                        "%s has no key, and SSH_AUTH_SOCK names no agent here"
                            .formatted(target.describe())));
    SshClient client = SshClient.setUpDefaultClient();
    client.setAgentFactory(new AgentSocket.Factory(socket));
    return start(client);
  }

  private static KeyPair key(HostTarget target, ClientSession session)
      throws IOException, GeneralSecurityException {
    FileKeyPairProvider file = new FileKeyPairProvider(target.key());
    file.setPasswordFinder(FilePasswordProvider.of(target.passphrase().reveal()));
    for (KeyPair pair : file.loadKeys(session)) {
      return pair;
    }
    throw new IOException(
        "the file %s has no private key, or its passphrase is another".formatted(target.key()));
  }

  /** The agent's socket. */
  static Optional<Path> agent(HostTarget target) {
    return Optional.ofNullable(target.agent())
        .or(() -> Optional.ofNullable(System.getenv("SSH_AUTH_SOCK")).map(Path::of));
  }

  /** The fingerprint of the key that the host has presented. */
  static String fingerprint(ClientSession session) {
    return fingerprint(session.getServerKey());
  }

  static String fingerprint(PublicKey key) {
    return KeyUtils.getFingerPrint(BuiltinDigests.sha256, key);
  }

  private static void close(ClientSession session) {
    if (session != null) {
      session.close(true);
    }
  }

  @Override
  public synchronized void close() {
    if (byKey != null) {
      byKey.stop();
      byKey = null;
    }
  }
}
