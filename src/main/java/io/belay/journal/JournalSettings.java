package io.belay.journal;

import io.belay.target.Secret;
import jakarta.validation.constraints.NotNull;
import java.nio.file.Path;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Where the journal is anchored and with which key.
 *
 * @param anchor directory outside the engine's database, created when missing; all nodes must see
 *     the same one
 * @param key any text of at least 32 characters; empty means that Belay makes a key and keeps it in
 *     the directory, where whoever can write the anchor can also read the key
 */
@ConfigurationProperties("belay.journal")
record JournalSettings(
    @NotNull @DefaultValue("data/artifacts/.journal") Path anchor,
    @NotNull @DefaultValue("") Secret key) {}
