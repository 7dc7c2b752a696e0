package io.belay.capability.document;

/**
 * An {@code _id} that two collections of one new file share. The library keeps one document per
 * {@code _id}, so the later collection's document gets another.
 *
 * @param store the new file
 * @param collection whose document gets another {@code _id} in the new file
 * @param id the original one, as text
 * @param newId the one in the new file
 */
public record IdCollision(String store, String collection, String id, String newId) {}
