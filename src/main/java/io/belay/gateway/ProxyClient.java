package io.belay.gateway;

import org.eclipse.jetty.client.AbstractConnectionPool;
import org.eclipse.jetty.client.DuplexConnectionPool;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.transport.HttpClientTransportOverHTTP;
import org.eclipse.jetty.http.HttpCookieStore;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/** The HTTP client for the servers; it adds nothing of its own to what it forwards. */
final class ProxyClient {

  /** Below the five seconds after which Node.js closes an idle connection. */
  private static final long CONNECTION_REUSE_MS = 4_000;

  private ProxyClient() {}

  static HttpClient create(GatewayConfiguration configuration) {
    QueuedThreadPool threads = new QueuedThreadPool();
    threads.setName("proxy-client");
    ClientConnector connector = new ClientConnector();
    connector.setExecutor(threads);
    HttpClientTransportOverHTTP transport = new HttpClientTransportOverHTTP(connector);
    // Values stay as they came: Jetty's cached ones may be spelled differently.
    transport.setHeaderCacheCaseSensitive(true);
    HttpClient client = new HttpClient(transport);
    client.setFollowRedirects(false);
    client.setHttpCookieStore(new HttpCookieStore.Empty());
    client.setConnectTimeout(configuration.connectTimeout().toMillis());
    client.setMaxConnectionsPerDestination(1024);
    client.setMaxRequestsQueuedPerDestination(4096);
    client.setRequestBufferSize(32 * 1024);
    // More than the front accepts: the gateway's additions must fit too.
    client.setMaxRequestHeadersSize(80 * 1024);
    client.setMaxResponseHeadersSize(64 * 1024);
    client.setUserAgentField(null);
    client.setDefaultRequestContentType(null);
    transport.setConnectionPoolFactory(
        destination -> {
          AbstractConnectionPool pool =
              new DuplexConnectionPool(destination, client.getMaxConnectionsPerDestination());
          pool.setMaxDuration(CONNECTION_REUSE_MS);
          return pool;
        });
    return client;
  }
}
