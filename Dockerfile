# syntax=docker/dockerfile:1
# Two images: `belay` (the executor; its gateway too, by another main class) and, on top of it,
# `playground`, which adds the sample application that docker-compose.yml migrates.

FROM maven:3.9-eclipse-temurin-17 AS build
WORKDIR /build
COPY pom.xml ./
RUN --mount=type=cache,target=/root/.m2 mvn -q -B dependency:go-offline
COPY processes processes
COPY src src
RUN --mount=type=cache,target=/root/.m2 mvn -q -B -DskipTests package \
 && mv target/belay-*-exec.jar target/belay.jar \
 && java -Djarmode=tools -jar target/belay.jar extract --layers --destination target/layers

FROM eclipse-temurin:17-jre-noble AS belay
# pg_dump, pg_restore and psql are what backups are made of; curl is for the health check.
RUN apt-get update \
 && apt-get install -y --no-install-recommends postgresql-client-16 curl \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --home-dir /var/lib/belay --shell /usr/sbin/nologin belay \
 && install -d -o belay -g belay /var/lib/belay /var/lib/gateway
WORKDIR /opt/belay
COPY --from=build /build/target/layers/dependencies/ ./
COPY --from=build /build/target/layers/spring-boot-loader/ ./
COPY --from=build /build/target/layers/snapshot-dependencies/ ./
COPY --from=build /build/target/layers/application/ ./
USER belay
ENV BELAY_ENVIRONMENTS=/etc/belay/environments \
    BELAY_ARTIFACTS=/var/lib/belay/artifacts \
    BELAY_HEALTH_PORT=8079 \
    JAVA_TOOL_OPTIONS=-XX:MaxRAMPercentage=70
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=90s --retries=6 \
  CMD ["curl", "--fail", "--silent", "--max-time", "4", "http://127.0.0.1:8079/actuator/health"]
ENTRYPOINT ["java", "-cp", "/opt/belay/belay.jar:/opt/belay/lib/*"]
CMD ["io.belay.Belay"]

FROM belay AS playground
USER root
RUN install -d -o belay -g belay /srv/main-server
COPY --from=build /build/target/test-classes/io/belay/playground/ /opt/sample/io/belay/playground/
COPY --from=build /build/target/test-classes/playground/ /opt/sample/playground/
USER belay
HEALTHCHECK NONE
ENTRYPOINT ["java", "-Xmx96m", "-cp", "/opt/sample:/opt/belay/lib/*", "io.belay.playground.SampleService"]

# What is built when no target is named.
FROM belay
