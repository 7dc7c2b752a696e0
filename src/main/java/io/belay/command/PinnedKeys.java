package io.belay.command;

import java.io.IOException;
import java.net.SocketAddress;
import java.security.PublicKey;
import java.util.Optional;
import org.apache.sshd.client.keyverifier.ServerKeyVerifier;
import org.apache.sshd.client.session.ClientSession;

/** Accepts a host that presents a known key, and remembers the key of a host that does not. */
final class PinnedKeys implements ServerKeyVerifier {

  private final HostKeys known;
  private volatile String refused;

  PinnedKeys(HostKeys known) {
    this.known = known;
  }

  @Override
  public boolean verifyServerKey(ClientSession session, SocketAddress address, PublicKey key) {
    String shown = SshSessions.fingerprint(key);
    boolean accepted = known.fingerprints().contains(shown);
    refused = accepted ? null : shown;
    return accepted;
  }

  /** Why the host was refused; empty unless it was for its key. */
  Optional<IOException> refusal(HostTarget target) {
    return Optional.ofNullable(refused)
        .map(
            shown ->
                new IOException(
                    "it shows the key %s, which is none of its 'host-keys' %s. It may be another machine"
                        .formatted(shown, known.fingerprints())));
  }
}
