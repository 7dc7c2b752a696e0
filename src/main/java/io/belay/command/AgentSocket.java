package io.belay.command;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;
import org.apache.sshd.agent.SshAgent;
import org.apache.sshd.agent.SshAgentFactory;
import org.apache.sshd.agent.SshAgentServer;
import org.apache.sshd.agent.common.AbstractAgentProxy;
import org.apache.sshd.common.FactoryManager;
import org.apache.sshd.common.channel.ChannelFactory;
import org.apache.sshd.common.session.ConnectionService;
import org.apache.sshd.common.session.Session;
import org.apache.sshd.common.util.buffer.Buffer;
import org.apache.sshd.common.util.buffer.ByteArrayBuffer;

/**
 * Talks to an SSH agent over its UNIX socket; MINA SSHD's own client needs a native library for
 * that.
 */
final class AgentSocket extends AbstractAgentProxy {

  private static final int LONGEST = 256 * 1024;

  private final SocketChannel channel;

  private AgentSocket(Path socket) throws IOException {
    super(null);
    channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      channel.connect(UnixDomainSocketAddress.of(socket));
    } catch (IOException e) {
      channel.close();
      throw new IOException("no agent answers at " + socket + ": " + e.getMessage(), e);
    }
  }

  /** Makes agents for one socket, without agent forwarding. */
  record Factory(Path socket) implements SshAgentFactory {

    @Override
    public List<ChannelFactory> getChannelForwardingFactories(FactoryManager manager) {
      return List.of();
    }

    @Override
    public SshAgent createClient(Session session, FactoryManager manager) throws IOException {
      return new AgentSocket(socket);
    }

    @Override
    public SshAgentServer createServer(ConnectionService service) {
      throw new UncheckedIOException(new IOException("the agent is not forwarded"));
    }
  }

  @Override
  public boolean isOpen() {
    return channel.isOpen();
  }

  @Override
  protected synchronized Buffer request(Buffer buffer) throws IOException {
    ByteBuffer message = ByteBuffer.wrap(buffer.array(), buffer.rpos(), buffer.available());
    while (message.hasRemaining()) {
      channel.write(message);
    }
    int length = read(4).getInt();
    if (length < 1 || length > LONGEST) {
      throw new IOException("the agent answered with %d bytes".formatted(length));
    }
    return new ByteArrayBuffer(read(length).array());
  }

  private ByteBuffer read(int length) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(length);
    while (bytes.hasRemaining()) {
      if (channel.read(bytes) < 0) {
        throw new IOException("the agent ended the connection");
      }
    }
    return bytes.flip();
  }

  @Override
  public void close() throws IOException {
    super.close();
    channel.close();
  }
}
