package io.belay.playground;

import java.io.Closeable;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.bson.BsonArray;
import org.bson.BsonBinaryReader;
import org.bson.BsonBinaryWriter;
import org.bson.BsonBoolean;
import org.bson.BsonDocument;
import org.bson.BsonDouble;
import org.bson.BsonInt32;
import org.bson.BsonString;
import org.bson.codecs.BsonDocumentCodec;
import org.bson.codecs.DecoderContext;
import org.bson.codecs.EncoderContext;
import org.bson.io.BasicOutputBuffer;

/**
 * A stand-in for a MongoDB server, the one part of this world that is not real: no MongoDB can be
 * installed by package here. It speaks enough of the wire protocol (OP_MSG, and the OP_QUERY with
 * which drivers say hello) for {@code hello}, {@code buildInfo} and {@code ping}, and refuses every
 * other command as a server would. It stores nothing.
 */
public final class PlaygroundMongo implements Closeable {

  private static final int OP_REPLY = 1;
  private static final int OP_QUERY = 2004;
  private static final int OP_MSG = 2013;
  private static final int HEADER = 16;
  private static final int LARGEST = 48_000_000;

  private final ServerSocket server;
  private final Set<Socket> clients = ConcurrentHashMap.newKeySet();

  private PlaygroundMongo(ServerSocket server) {
    this.server = server;
  }

  public static PlaygroundMongo start() throws IOException {
    ServerSocket socket = new ServerSocket(Ports.free(), 50, InetAddress.getLoopbackAddress());
    PlaygroundMongo mongo = new PlaygroundMongo(socket);
    daemon(mongo::accept);
    return mongo;
  }

  public int port() {
    return server.getLocalPort();
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket client = server.accept();
        clients.add(client);
        daemon(() -> serve(client));
      } catch (IOException e) {
        return; // Closed.
      }
    }
  }

  private void serve(Socket client) {
    try (client) {
      DataInputStream in = new DataInputStream(client.getInputStream());
      while (true) {
        ByteBuffer header = read(in, HEADER);
        int length = header.getInt();
        int request = header.getInt();
        header.getInt();
        int operation = header.getInt();
        if (length <= HEADER || length > LARGEST) {
          throw new IOException("message of " + length + " bytes");
        }
        ByteBuffer body = read(in, length - HEADER);
        client.getOutputStream().write(answer(operation, request, body));
      }
    } catch (EOFException e) {
      // The client is done.
    } catch (IOException e) {
      // A broken client is its own affair; the connection is closed.
    } finally {
      clients.remove(client);
    }
  }

  private static ByteBuffer read(DataInputStream in, int length) throws IOException {
    byte[] bytes = new byte[length];
    in.readFully(bytes);
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static byte[] answer(int operation, int request, ByteBuffer body) throws IOException {
    ByteBuffer prefix;
    body.getInt(); // Flags.
    if (operation == OP_MSG) {
      body.get(); // Kind 0: one document.
      prefix = little(5).putInt(0).put((byte) 0);
    } else if (operation == OP_QUERY) {
      while (body.get() != 0) {
        // The name of the collection.
      }
      body.getInt();
      body.getInt();
      prefix = little(20).putInt(0).putLong(0).putInt(0).putInt(1);
    } else {
      throw new IOException("operation " + operation);
    }
    BsonDocument command =
        new BsonDocumentCodec()
            .decode(new BsonBinaryReader(body.slice()), DecoderContext.builder().build());
    byte[] document = encode(reply(command.getFirstKey()));
    int length = HEADER + prefix.capacity() + document.length;
    return little(length)
        .putInt(length)
        .putInt(0)
        .putInt(request)
        .putInt(operation == OP_MSG ? OP_MSG : OP_REPLY)
        .put(prefix.array())
        .put(document)
        .array();
  }

  private static BsonDocument reply(String command) {
    BsonDocument ok = new BsonDocument();
    switch (command.toLowerCase(Locale.ROOT)) {
      case "hello", "ismaster" ->
          ok.append("helloOk", BsonBoolean.TRUE)
              .append("ismaster", BsonBoolean.TRUE)
              .append("isWritablePrimary", BsonBoolean.TRUE)
              .append("maxBsonObjectSize", new BsonInt32(16_777_216))
              .append("maxMessageSizeBytes", new BsonInt32(LARGEST))
              .append("maxWriteBatchSize", new BsonInt32(100_000))
              .append("minWireVersion", new BsonInt32(0))
              .append("maxWireVersion", new BsonInt32(17))
              .append("readOnly", BsonBoolean.FALSE);
      case "buildinfo" ->
          ok.append("version", new BsonString("6.0.14"))
              .append(
                  "versionArray",
                  new BsonArray(
                      List.of(
                          new BsonInt32(6), new BsonInt32(0), new BsonInt32(14), new BsonInt32(0))))
              .append("bits", new BsonInt32(64));
      case "ping", "endsessions" -> {}
      default -> {
        return new BsonDocument("ok", new BsonDouble(0))
            .append("errmsg", new BsonString("no such command: '" + command + "'"))
            .append("code", new BsonInt32(59))
            .append("codeName", new BsonString("CommandNotFound"));
      }
    }
    return ok.append("ok", new BsonDouble(1));
  }

  private static byte[] encode(BsonDocument document) {
    try (BasicOutputBuffer buffer = new BasicOutputBuffer();
        BsonBinaryWriter writer = new BsonBinaryWriter(buffer)) {
      new BsonDocumentCodec().encode(writer, document, EncoderContext.builder().build());
      return buffer.toByteArray();
    }
  }

  private static ByteBuffer little(int capacity) {
    return ByteBuffer.allocate(capacity).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static void daemon(Runnable work) {
    Thread thread = new Thread(work, "playground-mongo");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (Socket client : clients) {
      client.close();
    }
  }
}
