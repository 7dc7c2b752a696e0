package io.belay.face.migration;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The default store of the migration interface ({@code belay.migration.*}).
 *
 * @param environment empty means: the only one that has a document store
 * @param target name of the document store in that environment
 */
@ConfigurationProperties("belay.migration")
public record MigrationSettings(
    @DefaultValue("") String environment, @DefaultValue("document-store") String target) {}
