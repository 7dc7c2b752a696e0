package io.belay.face.web;

import io.belay.artifact.Artifact;
import io.belay.artifact.ArtifactStore;
import io.belay.run.RunReport;
import io.belay.run.RunReports;
import io.belay.run.Runs;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.validation.constraints.Pattern;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.springframework.core.io.FileSystemResource;
import org.springframework.core.io.Resource;
import org.springframework.http.ContentDisposition;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.ModelAndView;

/** The files of a run: artifacts and the report. */
@RestController
@RequestMapping("/api/runs/{id}")
@Tag(name = "Files", description = "Artifacts and reports of runs")
class RunFilesApi {

  private final Runs runs;
  private final RunReports reports;
  private final ArtifactStore artifacts;

  RunFilesApi(Runs runs, RunReports reports, ArtifactStore artifacts) {
    this.runs = runs;
    this.reports = reports;
    this.artifacts = artifacts;
  }

  @GetMapping("/artifacts")
  @Operation(
      summary = "Artifacts of a run",
      description = "Manifests, oldest first; also of what agents keep.")
  List<Artifact> list(@PathVariable String id) {
    requireRun(id);
    return reports.artifacts(id);
  }

  @GetMapping("/artifacts/{name}")
  @Operation(
      summary = "Download an artifact",
      description =
          "The file as it lies on disk: encrypted if a key is configured. Backups hold production"
              + " data, so only operators and administrators may. What an agent keeps in its own"
              + " directory cannot be downloaded here.")
  ResponseEntity<Resource> download(@PathVariable String id, @PathVariable String name) {
    requireRun(id);
    // Only files with a manifest are found, so no other file on the disk can be read.
    Artifact artifact =
        artifacts
            .find(id + "/" + name)
            .filter(found -> found.runId().equals(id) && found.name().equals(name))
            .orElseThrow(() -> new NotFound("artifact", name));
    Path file = artifacts.path(artifact);
    if (!Files.isRegularFile(file)) {
      throw new NotFound("file of artifact", name);
    }
    return ResponseEntity.ok()
        .header(
            HttpHeaders.CONTENT_DISPOSITION,
            ContentDisposition.attachment()
                .filename(artifact.name(), StandardCharsets.UTF_8)
                .build()
                .toString())
        .header("Digest", "sha-256=" + artifact.sha256())
        .contentType(MediaType.APPLICATION_OCTET_STREAM)
        .body(new FileSystemResource(file));
  }

  @GetMapping("/report")
  @Operation(
      summary = "Report of a run",
      description =
          "Phases with estimate and actual duration, gates, decisions, artifacts with checksums,"
              + " incidents, and whether the journal is intact. JSON, or HTML if the Accept header"
              + " asks for it or by format=html: one file, with all that it needs.")
  @ApiResponse(
      responseCode = "200",
      content = {
        @Content(
            mediaType = "application/json",
            schema = @Schema(implementation = RunReport.class)),
        @Content(mediaType = "text/html")
      })
  Object report(
      @PathVariable String id,
      @RequestParam(required = false)
          @Pattern(regexp = "json|html", message = "must be json or html")
          String format,
      @RequestHeader(value = HttpHeaders.ACCEPT, defaultValue = "") String accept) {
    requireRun(id);
    if ("html".equals(format) || format == null && accept.contains(MediaType.TEXT_HTML_VALUE)) {
      return new ModelAndView("forward:/runs/" + id + "/report?file=true");
    }
    return ResponseEntity.ok()
        .contentType(MediaType.APPLICATION_JSON)
        .body(reports.of(id).orElseThrow(() -> new NotFound("run", id)));
  }

  private void requireRun(String id) {
    if (runs.status(id).isEmpty()) {
      throw new NotFound("run", id);
    }
  }
}
