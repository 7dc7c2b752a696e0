package io.belay.capability.check;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ServiceMetricsTest {

  @Test
  void json_mayNestAndUseCamelCase() {
    ServiceMetrics metrics =
        ServiceMetrics.parse(
            """
            {"requests":7,"errors5xx":1,"messagesProcessed":5,"latency":{"p95":12.5},
             "pool":{"used":4,"max":8},"redis":{"up":true},"memoryUsage":0.5,"cpu_ratio":0.1}""");
    assertThat(metrics.get("requests")).isEqualTo(7);
    assertThat(metrics.get("errors")).isEqualTo(1);
    assertThat(metrics.get("messages_processed")).isEqualTo(5);
    assertThat(metrics.get("p95")).isEqualTo(12.5);
    assertThat(metrics.poolUsage()).isEqualTo(0.5);
    assertThat(metrics.get("redis_up")).isEqualTo(1);
    assertThat(metrics.get("memory")).isEqualTo(0.5);
    assertThat(metrics.get("cpu")).isEqualTo(0.1);
    assertThat(metrics.get("disk")).isNaN();
  }

  @Test
  void twoNamesOfOneFigure_inEitherFormat_theWorseCounts() {
    for (String document :
        new String[] {
          "{\"errors\":40,\"errors_5xx\":0,\"redis_up\":false,\"redis\":{\"connected\":true}}",
          "{\"errors_5xx\":0,\"errors\":40,\"redis\":{\"connected\":true},\"redis_up\":false}",
          "errors 40\nerrors_5xx 0\nredis_up 0\nredis_connected 1\n",
        }) {
      assertThat(ServiceMetrics.parse(document).get("errors")).as(document).isEqualTo(40);
      assertThat(ServiceMetrics.parse(document).get("redis_up")).as(document).isZero();
    }
    assertThat(ServiceMetrics.parse("{\"requests\":9,\"requests_total\":5}").get("requests"))
        .as("the higher share of errors")
        .isEqualTo(5);
  }

  @Test
  void prometheusText_isReadToo_addingSeries() {
    ServiceMetrics metrics =
        ServiceMetrics.parse(
            """
            # HELP requests_total Requests.
            # TYPE requests_total counter
            requests_total{path="/a b",code="200"} 5
            requests_total{path="/b"} 2 1700000000
            redis_up 1
            cpu +Inf
            memory 4.2e-1
            """);
    assertThat(metrics.get("requests")).isEqualTo(7);
    assertThat(metrics.get("redis_up")).isEqualTo(1);
    assertThat(metrics.get("memory")).isEqualTo(0.42);
    assertThat(metrics.get("cpu")).isNaN();
  }

  @Test
  void seriesThatDifferInLabels_areCombinedByWhatTheyMean() {
    ServiceMetrics metrics =
        ServiceMetrics.parse(
            """
            errors_total{path="/{id}",note="a \\"b\\" }"} 3 1700000000.123
            errors_total{path="/x"} 4 # {trace_id="a}b"} 0.5 1700000000.5
            redis_up{node="a"} 1
            redis_up{node="b"} 0
            cpu{core="0"} 0.5
            cpu{core="1"} 0.4
            p95_ms{route="/a"} 120
            p95_ms{route="/b"} 90
            pool_used{pool="small"} 9
            pool_max{pool="small"} 10
            pool_used{pool="large"} 10
            pool_max{pool="large"} 100
            # EOF
            """);
    assertThat(metrics.get("errors")).isEqualTo(7);
    assertThat(metrics.get("redis_up")).isZero();
    assertThat(metrics.get("cpu")).isEqualTo(0.5);
    assertThat(metrics.get("p95")).isEqualTo(120);
    assertThat(metrics.poolUsage()).isEqualTo(0.9);
    assertThat(metrics.get("requests")).isNaN();
  }

  @Test
  void histograms_givePercentilesOfTheWindow_overSeriesAndRestarts() {
    MetricsSeries series = new MetricsSeries();
    java.net.URI here = java.net.URI.create("http://v2");
    series.add(here, ServiceMetrics.parse(histogram(1000, 1000, 1000)));
    series.add(here, ServiceMetrics.parse(histogram(1050, 1090, 1100)));
    assertThat(series.latencyMs("p50", 0.50)).isEqualTo(100);
    assertThat(series.latencyMs("p90", 0.90)).isEqualTo(500);
    assertThat(series.latencyMs("p95", 0.95)).as("beyond the last bound").isInfinite();
    series.add(here, ServiceMetrics.parse(histogram(400, 400, 400)));
    assertThat(series.latencyMs("p95", 0.95)).as("it began anew").isEqualTo(500);
    MetricsSeries uneven = new MetricsSeries();
    String other = "request_duration_seconds_bucket{path=\"/c\",le=\"2\"} 1\n";
    for (int i = 1; i < 3; i++) {
      uneven.add(here, ServiceMetrics.parse(histogram(i, i, i) + other));
    }
    assertThat(uneven.latencyMs("p95", 0.95)).as("bounds that differ have no sum").isNaN();
  }

  private static String histogram(int fast, int slower, int all) {
    StringBuilder text = new StringBuilder("# TYPE request_duration_seconds histogram\n");
    for (String path : new String[] {"/a", "/{id},le=\\\"9\\\""}) {
      text.append(
          """
          request_duration_seconds_bucket{path="%1$s",le="0.1"} %2$d # {trace="x"} 0.07 1.5
          request_duration_seconds_bucket{path="%1$s",le="0.5"} %3$d
          request_duration_seconds_bucket{path="%1$s",le="+Inf"} %4$d 1700000000.123
          request_duration_seconds_sum{path="%1$s"} 12.5
          request_duration_seconds_count{path="%1$s"} %4$d
          """
              .formatted(path, fast, slower, all));
    }
    return text.toString();
  }

  @Test
  void summaries_areNeverAveraged() {
    ServiceMetrics metrics =
        ServiceMetrics.parse(
            """
            http_request_duration_seconds{path="/a",quantile="0.5"} 0.02
            http_request_duration_seconds{path="/a",quantile="0.95"} 0.03
            http_request_duration_seconds{path="/b",quantile="0.95"} 0.9
            http_request_duration_seconds{path="/b",quantile="0.99"} NaN
            """);
    assertThat(metrics.get("p95")).isEqualTo(900);
    assertThat(metrics.get("p50")).isEqualTo(20);
    assertThat(metrics.get("p99")).isNaN();
  }

  @Test
  void counterThatBeginsAnew_growsOn_andTheRestartIsNamed() {
    MetricsSeries series = new MetricsSeries();
    int[] errors = {10, 500, 5, 40};
    for (int value : errors) {
      series.add(
          java.net.URI.create("http://v2"),
          ServiceMetrics.parse("{\"requests\":%d,\"errors\":%d}".formatted(2 * value, value)));
    }
    assertThat(series.growth("errors")).isEqualTo(490 + 5 + 35);
    assertThat(series.growth("requests")).isEqualTo(2 * 530);
    assertThat(series.restart()).contains("'requests' went from 1000 to 10");
    assertThat(series.growth("messages_received")).isNaN();
  }

  @Test
  void whatIsNeither_hasNoValues() {
    for (String document : new String[] {"", "<html>", "{\"requests\":", "{\"requests\":\"7\"}"}) {
      assertThat(ServiceMetrics.parse(document).get("requests")).as(document).isNaN();
    }
    assertThat(ServiceMetrics.parse("{\"pool_used\":1,\"pool_max\":0}").poolUsage()).isNaN();
  }
}
