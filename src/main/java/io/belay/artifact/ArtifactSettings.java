package io.belay.artifact;

import io.belay.target.Secret;
import jakarta.validation.constraints.NotNull;
import java.nio.file.Path;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Where artifacts lie and how they are protected.
 *
 * @param directory created when missing; give it a volume with room for the backups
 * @param key 32 random bytes in base64 ({@code openssl rand -base64 32}), or {@code
 *     ${file:/run/secrets/…}}; empty means that artifacts are not encrypted
 */
@ConfigurationProperties("belay.artifacts")
public record ArtifactSettings(
    @NotNull @DefaultValue("data/artifacts") Path directory,
    @NotNull @DefaultValue("") Secret key) {}
