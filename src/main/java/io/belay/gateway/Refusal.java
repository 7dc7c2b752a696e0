package io.belay.gateway;

import java.net.SocketTimeoutException;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** An answer by the gateway itself, not by a server. */
record Refusal(int status, String text) {

  /** For a request that failed before a byte of its answer was sent. */
  static Refusal ofFailure(Exchange exchange, Exchange.Fate fate, Throwable failure) {
    boolean late = failure instanceof TimeoutException || failure instanceof SocketTimeoutException;
    String server = "server " + exchange.server().name();
    return switch (fate) {
      case ABORTED ->
          new Refusal(
              late ? HttpStatus.REQUEST_TIMEOUT_408 : HttpStatus.BAD_REQUEST_400,
              "the request did not arrive whole");
      case NOT_FORWARDED ->
          new Refusal(HttpStatus.BAD_GATEWAY_502, "the gateway cannot forward the request");
      default ->
          new Refusal(
              late ? HttpStatus.GATEWAY_TIMEOUT_504 : HttpStatus.BAD_GATEWAY_502,
              server + (late ? " did not answer in time" : " cannot be reached"));
    };
  }

  /** Always true: handled. */
  boolean answer(Request request, Response response, Callback callback) {
    if (!request.consumeAvailable()) {
      // The rest of the body would be taken for the next request.
      response.getHeaders().put(HttpHeader.CONNECTION, "close");
    }
    response.setStatus(status);
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, "text/plain; charset=utf-8");
    Content.Sink.write(response, true, text + "\n", callback);
    return true;
  }
}
