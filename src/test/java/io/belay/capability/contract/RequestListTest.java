package io.belay.capability.contract;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.belay.playground.Scratch;
import io.belay.target.Secret;
import io.belay.target.TargetException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The three formats of recorded requests, and what is refused in them. */
class RequestListTest {

  private static RequestList read(String text) throws IOException {
    return read(text, null);
  }

  private static RequestList read(String text, URI recordedAt) throws IOException {
    Path file = Scratch.directory("requests").resolve("list");
    Files.writeString(file, text);
    return RequestList.read(
        new RequestsTarget(file, recordedAt, List.of(), List.of(), List.of(), List.of()));
  }

  private static List<String> lines(RequestList list, boolean againstRecorded) {
    return list.requests().stream()
        .map(one -> one + one.notSent(againstRecorded).map(why -> ": " + why).orElse(""))
        .toList();
  }

  private static String body(RecordedRequest request) {
    return new String(request.body(), UTF_8);
  }

  private static String recorded(RecordedRequest request) {
    return request.recorded().status() + " " + new String(request.recorded().body(), UTF_8);
  }

  @Test
  void writtenList_inYaml() throws IOException {
    RequestList list =
        read(
            """
            requests:
              - GET /orders?state=paid
              - {path: /orders/0, answer: {status: 404, body: {error: no, since: 2020-01-01, n: 1.10}}}
              - {method: POST, path: /search, safe: true, body: {text: x, zip: 007}, headers: {Accept-Language: de}}
              - {method: DELETE, path: /orders/1}
              - {method: POST, path: /echo, safe: true, body: plain}
            """);
    assertThat(lines(list, false))
        .containsExactly(
            "GET /orders?state=paid",
            "GET /orders/0",
            "POST /search",
            "DELETE /orders/1: DELETE is not declared safe",
            "POST /echo");
    assertThat(lines(list, true))
        .startsWith("GET /orders?state=paid: no whole answer of it was recorded", "GET /orders/0");
    assertThat(recorded(list.requests().get(1)))
        .isEqualTo("404 {\"error\":\"no\",\"since\":\"2020-01-01\",\"n\":1.10}");
    assertThat(body(list.requests().get(2))).isEqualTo("{\"text\":\"x\",\"zip\":\"007\"}");
    assertThat(list.requests().get(2).headers())
        .isEqualTo(Map.of("accept-language", "de", "content-type", "application/json"));
    assertThat(list.requests().get(4).headers()).containsEntry("content-type", "text/plain");
    assertThat(list.comparable(false)).isEqualTo(4);
  }

  @Test
  void writtenList_inJson_withAndWithoutAKeyAround() throws IOException {
    for (String text :
        List.of("[\"GET /a\"]", "{\"requests\":[{\"path\":\"/a\"}]}", "\uFEFF [\"GET /a\"]")) {
      assertThat(lines(read(text), false)).containsExactly("GET /a");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "- GET | requests[0]: must be a method and a path",
        "- get /a | requests[0]: 'get' is no method that is replayed",
        "- CONNECT /a | 'CONNECT' is no method",
        "- GET a | requests[0]: 'path' must begin with a slash",
        "- GET /a#b | requests[0]: 'path' must begin with a slash",
        "- {path: '/a b'} | requests[0]: 'path' must begin with a slash",
        "- {path: /a, safe: 'yes'} | requests[0]: 'safe' must be true or false",
        "- {path: /a, safe: yes} | requests[0]: 'safe' must be true or false",
        "- {path: /a, Safe: true} | requests[0]: 'Safe' is unknown",
        "- {path: /a, answer: {code: 200}} | 'answer.code' is unknown; requests[0]: 'answer.status' must be",
        "- {path: /a, answer: {status: '200'}} | 'answer.status' must be a number from 100 to 599",
        "- {path: /a, headers: {Host: b}} | header 'host' cannot be sent",
        "- {path: /a, headers: [b]} | 'headers' must be names with their values",
        "- {path: /a, path: /b} | is no YAML: found duplicate key path, line 1",
        "- [] | requests[0]: must be a mapping",
        "[] | has no requests",
        "{} | is neither a HAR file nor OpenAPI 3",
        "text | is neither a HAR file nor OpenAPI 3",
        "a: &x [1] \\n b: *x | is no YAML",
        "{\"requests\":[],\"requests\":[]} | is no JSON: Duplicate field 'requests'",
        "{\"openapi\":\"2.0\"} | is OpenAPI 2.0; 3 is needed",
        "{\"log\":{}} | has no requests"
      })
  void mistakes_areTold_byEntryAndRule(String text, String problem) {
    assertThatThrownBy(() -> read(text.replace("\\n", "\n")))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining(problem);
  }

  @Test
  void allMistakes_areToldAtOnce() {
    assertThatThrownBy(() -> read("- GET a\n- {path: /b, safe: 1}"))
        .hasMessageContaining("requests[0]: 'path'")
        .hasMessageContaining("requests[1]: 'safe'");
  }

  @Test
  void fileThatIsNotThere_orNoText_isTold() throws IOException {
    Path file = Scratch.directory("requests").resolve("list");
    RequestsTarget target = Rules.ALL.target(file);
    assertThatThrownBy(() -> RequestList.read(target))
        .hasMessage(file + ": cannot be read as UTF-8 text (NoSuchFileException)");
    Files.write(file, new byte[] {(byte) 0xff, (byte) 0xfe});
    assertThatThrownBy(() -> RequestList.read(target)).hasMessageContaining("UTF-8");
  }

  private static String har(String entries) {
    return "{\"log\":{\"version\":\"1.2\",\"entries\":[" + entries + "]}}";
  }

  private static String entry(String method, String url, String more, String response) {
    return "{\"request\":{\"method\":\"%s\",\"url\":\"%s\"%s},\"response\":%s}"
        .formatted(method, url, more, response);
  }

  private static final String FOUND =
      """
      {"status":200,"headers":[{"name":"Content-Type","value":"application/json"},
      {"name":"Location","value":"http://shop/api/orders/1"}],
      "content":{"size":8,"text":"eyJhIjoxfQ==","encoding":"base64"}}""";

  @Test
  void harFile_ofABrowser() throws IOException {
    String headers =
        """
        ,"headers":[{"name":":path","value":"/a"},{"name":"Host","value":"shop"},
        {"name":"Accept","value":"application/json"},{"name":"Accept-Encoding","value":"br"},
        {"name":"Cookie","value":"sid=0123456789abcdef; lang=de"},{"name":"If-None-Match","value":"x"},
        {"name":"Authorization","value":"Bearer eyJrecorded"}]""";
    RequestList list =
        read(
            har(
                String.join(
                    ",",
                    entry("GET", "http://shop/api/orders?token=abc&n=1#top", headers, FOUND),
                    entry(
                        "POST", "http://shop/api/orders", ",\"postData\":{\"text\":\"{}\"}", FOUND),
                    entry("GET", "http://ads.example/pixel", "", FOUND),
                    entry("GET", "http://shop/apiary", "", FOUND),
                    entry("GET", "ws://shop/api/live", "", FOUND),
                    entry("GET", "http://shop/api", "", "{\"status\":0}"),
                    entry(
                        "GET",
                        "http://shop/api/x",
                        "",
                        "{\"status\":200,\"content\":{\"size\":9}}"),
                    entry(
                        "GET",
                        "http://shop/api/y",
                        "",
                        "{\"status\":304,\"content\":{\"size\":0}}"),
                    entry("GET", "http://shop/api/z|", "", FOUND))),
            URI.create("http://shop/api/"));
    assertThat(lines(list, true))
        .containsExactly(
            "GET /orders?token=******&n=1",
            "POST /orders: POST is not declared safe",
            "GET /: no whole answer of it was recorded",
            "GET /x: no whole answer of it was recorded",
            "GET /y: no whole answer of it was recorded",
            "GET /z|: its path is no part of an address");
    RecordedRequest first = list.requests().get(0);
    assertThat(first.path()).isEqualTo("/orders?token=abc&n=1");
    assertThat(first.headers()).isEqualTo(Map.of("Accept", "application/json"));
    assertThat(recorded(first)).isEqualTo("200 {\"a\":1}");
    assertThat(first.recorded().headers()).containsEntry("location", List.of("/orders/1"));
    assertThat(list.credentials().stream().map(Secret::reveal))
        .contains("0123456789abcdef", "eyJrecorded")
        .doesNotContain("Bearer", "de");
  }

  @Test
  void harFile_ofSeveralServices_needsToKnowWhich() {
    assertThatThrownBy(
            () ->
                read(
                    har(
                        entry("GET", "http://a/x", "", FOUND)
                            + ","
                            + entry("GET", "http://b/x", "", FOUND))))
        .hasMessageContaining("recorded-at")
        .hasMessageContaining("[http://a, http://b]");
    assertThatThrownBy(
            () -> read(har(entry("GET", "http://a/x", "", FOUND)), URI.create("http://c")))
        .hasMessageContaining("has no requests to http://c among its 1");
  }

  @Test
  void harFile_ofForms_andEntriesDeclaredSafe() throws IOException {
    RequestList list =
        read(
            har(
                "{\"_safe\":true,"
                    + entry(
                            "POST",
                            "http://a/search",
                            ",\"postData\":{\"mimeType\":\"application/x-www-form-urlencoded\",\"params\":[{\"name\":\"q\",\"value\":\"a&b\"}]}",
                            FOUND)
                        .substring(1)
                    + ","
                    + entry(
                        "POST",
                        "http://a/upload",
                        ",\"postData\":{\"mimeType\":\"multipart/form-data\",\"params\":[{\"name\":\"q\"}]}",
                        FOUND)));
    assertThat(lines(list, true))
        .containsExactly("POST /search", "POST /upload: its body was not recorded");
    assertThat(body(list.requests().get(0))).isEqualTo("q=a%26b");
  }

  private static final String OPEN_API =
      """
      openapi: 3.1.0
      paths:
        /orders/{id}:
          parameters:
            - {$ref: '#/components/parameters/Id'}
            - {name: X-Api-Key, in: header, required: true, example: k}
          get:
            parameters:
              - {name: fields, in: query, schema: {type: array, example: [a b, c]}}
              - {name: lang, in: header, schema: {default: de}}
            responses:
              200:
                content:
                  application/json:
                    examples:
                      found: {value: {id: 7, at: 2020-01-01, total: 1.10}}
              '404':
                content:
                  application/problem+json:
                    examples: {unknown: {$ref: '#/components/examples/NotFound'}}
              default: {description: anything}
          delete:
            responses: {'204': {description: gone}}
        /search:
          post:
            x-safe: true
            requestBody:
              required: true
              content:
                text/plain: {example: x}
                application/json: {schema: {example: {text: hi}}}
            responses: {'200': {content: {application/json: {example: [1]}}}}
        /things/{thing}:
          get:
            parameters: [{name: thing, in: path, required: true}]
            responses: {'200': {content: {application/json: {example: 1}}}}
        /old/{a}/{b}:
          get:
            parameters: [{name: a, in: path, required: true, schema: {enum: ['x/y', z]}}]
      components:
        parameters:
          Id: {name: id, in: path, required: true, examples: {found: {value: 7}, unknown: {value: 0}}}
        examples:
          NotFound: {value: {title: no such order}}
      """;

  @Test
  void openApi_makesRequestsOfItsExamples() throws IOException {
    RequestList list = read(OPEN_API);
    assertThat(lines(list, true))
        .containsExactly(
            "GET /orders/7?fields=a%20b&fields=c",
            "GET /orders/0?fields=a%20b&fields=c",
            "DELETE /orders/7: DELETE is not declared safe",
            "DELETE /orders/0: DELETE is not declared safe",
            "POST /search",
            "GET /things/{thing}: it has no example for a part of its path",
            "GET /old/x%2Fy/{b}: it has no example for a part of its path");
    assertThat(recorded(list.requests().get(0)))
        .isEqualTo("200 {\"id\":7,\"at\":\"2020-01-01\",\"total\":1.10}");
    assertThat(recorded(list.requests().get(1))).isEqualTo("404 {\"title\":\"no such order\"}");
    assertThat(list.requests().get(0).headers()).isEqualTo(Map.of("lang", "de"));
    assertThat(body(list.requests().get(4))).isEqualTo("{\"text\":\"hi\"}");
    assertThat(recorded(list.requests().get(4))).isEqualTo("200 [1]");
  }

  @Test
  void openApi_withReferencesInACircle_ends() throws IOException {
    RequestList list =
        read(
            """
            openapi: 3.0.0
            paths:
              /a:
                get:
                  parameters: [{$ref: '#/x'}, {$ref: 'other.yaml#/y'}]
            x: {$ref: '#/x'}
            """);
    assertThat(lines(list, false)).containsExactly("GET /a");
  }
}
